import { mkdirSync } from 'node:fs';
import { decoded, encoded, type Kind } from '../kind.ts';

/** A folder, a file for each frame. */
export function pictures(name: string, extension: string, encoder: readonly string[] = [], filter = 'null'): Kind {
  return {
    name,
    times: 'none',
    make: (workshop) => {
      const folder = `pictures-${name.replace(/\W/g, '-')}`;
      mkdirSync(workshop.path(folder), { recursive: true });
      encoded(`${folder}/%03d.${extension}`, filter, ['-f', 'image2', ...encoder])(workshop);
      return workshop.path(folder);
    },
  };
}

export const stills: readonly Kind[] = [
  pictures('JPEG as .jfif', 'jfif', ['-c:v', 'mjpeg', '-q:v', '1', '-pix_fmt', 'yuvj444p']),
  pictures('PNG, 16 bit', 'png', ['-pix_fmt', 'rgb48be']),
  pictures('WebP, lossless', 'webp', ['-c:v', 'libwebp', '-lossless', '1', '-compression_level', '0']),
  pictures('BMP', 'bmp'),
  pictures('TIFF', 'tiff'),
  {
    name: 'GIF',
    make: encoded('scene.gif', 'split[a][b];[a]palettegen[p];[b][p]paletteuse', []),
    plain: decoded('scene.gif', 'null'),
  },
];
