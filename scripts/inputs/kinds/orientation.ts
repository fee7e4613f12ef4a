import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Size } from '../../../src/domain/frame.ts';
import { clear264, encoded, ffv1, lossless264, x265, type Kind } from '../kind.ts';
import { hevcWith, jpegWith, mkvWith, mp4With, pngWith, stored, webpWith, type Orientation } from '../orientation.ts';
import { sceneRate, sceneSize } from '../workshop.ts';

const words: Readonly<Record<Orientation, string>> = {
  1: 'upright',
  2: 'mirrored',
  3: 'upside down',
  4: 'mirrored upside down',
  5: 'mirrored, on its side',
  6: 'on its left side',
  7: 'mirrored, on its other side',
  8: 'on its right side',
};
const orientations: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

function storedSize(orientation: Orientation): Size {
  return orientation < 5 ? sceneSize : { width: sceneSize.height, height: sceneSize.width };
}

function turnedVideo(orientation: Orientation): Kind {
  return {
    name: `display matrix as EXIF's ${orientation} (${words[orientation]})`,
    make: (workshop) => {
      const plain = encoded(`upright-${orientation}.mp4`, stored[orientation], clear264)(workshop);
      const path = workshop.path(`turned-${orientation}.mp4`);
      const { width, height } = storedSize(orientation);
      writeFileSync(path, mp4With(orientation, readFileSync(plain), width, height));
      return path;
    },
  };
}

/** H.264's message: anticlockwise by `rotate`, then mirrored. */
function turnedH264(name: string, options: string, filter: string): Kind {
  return {
    name,
    make: encoded(`sei-${options.replace(/\W/g, '-')}.mkv`, `${filter},format=yuv444p`, [
      ...lossless264,
      '-bsf:v',
      `h264_metadata=display_orientation=insert:${options}`,
    ]),
  };
}

/** Written by hand: ffmpeg's bit stream filter has it for H.264 only. */
function turnedHevc(name: string, turn: Parameters<typeof hevcWith>[0], filter: string): Kind {
  return {
    name,
    make: (workshop) => {
      const bare = `${name.replace(/\W/g, '-')}.hevc`;
      const encoder = [...x265('lossless=1:bframes=0'), '-preset', 'ultrafast'];
      const stream = encoded(bare, `${filter},format=yuv444p`, encoder)(workshop);
      writeFileSync(stream, hevcWith(turn, readFileSync(stream)));
      const path = workshop.path(`${bare}.mp4`);
      workshop.ffmpeg(['-framerate', String(sceneRate), '-i', stream, '-c', 'copy', path]);
      return path;
    },
  };
}

function turnedMatroska(orientation: Orientation): Kind {
  const tags = '-color_range tv -colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m -write_crc32 0';
  const encoder = [...ffv1, ...tags.split(' ')];
  return {
    name: `Matroska's projection as EXIF's ${orientation} (${words[orientation]})`,
    make: (workshop) => {
      const filter = `${stored[orientation]},format=yuv444p`;
      const path = encoded(`projection-${orientation}.mkv`, filter, encoder)(workshop);
      writeFileSync(path, mkvWith(orientation, readFileSync(path)));
      return path;
    },
  };
}

/** A folder of pictures, one for each frame, every orientation in turn. */
function turnedPictures(
  name: string,
  extension: string,
  encoder: readonly string[],
  mark: (orientation: Orientation, picture: Buffer, size: Size) => Buffer,
): Kind {
  return {
    name: `${name}, all eight orientations`,
    times: 'none',
    make: (workshop) => {
      const folder = workshop.path(`turned-${extension}`);
      mkdirSync(folder, { recursive: true });
      for (const orientation of orientations) {
        const part = workshop.path(`parts-${extension}-${orientation}`);
        mkdirSync(part, { recursive: true });
        const output = ['-f', 'image2', ...encoder];
        workshop.made(
          join(`parts-${extension}-${orientation}`, `%03d.${extension}`),
          workshop.scene(),
          stored[orientation],
          output,
        );
        for (const [index, file] of readdirSync(part).sort().entries()) {
          if (index % orientations.length !== orientation - 1) continue;
          const picture = readFileSync(join(part, file));
          writeFileSync(join(folder, file), mark(orientation, picture, storedSize(orientation)));
        }
      }
      return folder;
    },
  };
}

export const orientation: readonly Kind[] = [
  ...orientations.map(turnedVideo),
  ...([4, 6, 7, 8] as const).map(turnedMatroska),
  turnedH264('H.264 SEI, turned by 90°', 'rotate=90', 'transpose=clock'),
  turnedH264('H.264 SEI, mirrored', 'flip=horizontal', 'hflip'),
  turnedHevc('HEVC SEI, turned by 90°', 'quarter', 'transpose=clock'),
  turnedHevc('HEVC SEI, mirrored', 'mirror', 'hflip'),
  turnedPictures('JPEG', 'jpg', ['-q:v', '1', '-pix_fmt', 'yuvj444p'], jpegWith),
  turnedPictures('PNG', 'png', [], pngWith),
  turnedPictures('WebP', 'webp', ['-c:v', 'libwebp', '-lossless', '1', '-compression_level', '0'], webpWith),
];
