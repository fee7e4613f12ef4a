/** Writes the orientation of a picture or a video where cameras and phones write it. */
import { crc32 } from 'node:zlib';
import type { Size } from '../../src/domain/frame.ts';

/** EXIF's Orientation, 1 to 8. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * ffmpeg's filters that bring the upright picture to what a camera stores under an orientation.
 *
 * Reference: Exif 2.32 (CIPA DC-008), 4.6.5: the place of the stored picture's first row and column.
 */
export const stored: Readonly<Record<Orientation, string>> = {
  1: 'null',
  2: 'hflip',
  3: 'hflip,vflip',
  4: 'vflip',
  5: 'transpose=cclock_flip',
  6: 'transpose=cclock',
  7: 'transpose=clock_flip',
  8: 'transpose=clock',
};

/** A TIFF with one directory that says nothing but the orientation. */
function tiff(orientation: Orientation): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.write('MM\0*', 0, 'latin1');
  bytes.writeUInt32BE(8, 4);
  bytes.writeUInt16BE(1, 8);
  bytes.writeUInt16BE(0x0112, 10);
  bytes.writeUInt16BE(3, 12);
  bytes.writeUInt32BE(1, 14);
  bytes.writeUInt16BE(orientation, 18);
  return bytes;
}

/** An APP1 segment behind the start of the image. */
export function jpegWith(orientation: Orientation, jpeg: Buffer): Buffer {
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff(orientation)]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** A chunk eXIf behind IHDR. */
export function pngWith(orientation: Orientation, png: Buffer): Buffer {
  const afterHeader = 8 + 25;
  const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), tiff(orientation)]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, afterHeader), length, body, check, png.subarray(afterHeader)]);
}

/** The extended form: VP8X, the picture, a chunk EXIF. Takes the simple form. */
export function webpWith(orientation: Orientation, webp: Buffer, { width, height }: Size): Buffer {
  const features = Buffer.alloc(10);
  features[0] = 0x08;
  features.writeUIntLE(width - 1, 4, 3);
  features.writeUIntLE(height - 1, 7, 3);
  const chunks = Buffer.concat([riffChunk('VP8X', features), webp.subarray(12), riffChunk('EXIF', tiff(orientation))]);
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(chunks.length + 4, 4);
  return Buffer.concat([head, chunks]);
}

function riffChunk(name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name, 'latin1'), length, content, Buffer.alloc(content.length % 2)]);
}

/**
 * A display orientation message in front of each picture of a bare stream. ffmpeg turns by it anticlockwise.
 *
 * Reference: ITU-T H.265, D.2.17: cancel, horizontal and vertical flip, a turn in 16 bits, persistence.
 */
export function hevcWith(turn: 'quarter' | 'mirror', stream: Buffer): Buffer {
  const message = turn === 'quarter' ? [0x08, 0x00, 0x18] : [0x40, 0x00, 0x18];
  const unit = Buffer.from([0, 0, 1, 0x4e, 0x01, 47, message.length, ...message, 0x80]);
  const parts: Buffer[] = [];
  let [copied, start] = [0, stream.indexOf('\0\0\x01', 0, 'latin1')];
  while (start >= 0) {
    const kind = ((stream[start + 3] ?? 0) >> 1) & 0x3f;
    const firstOfPicture = kind < 32 && ((stream[start + 5] ?? 0) & 0x80) !== 0;
    if (firstOfPicture) {
      parts.push(stream.subarray(copied, start), unit);
      copied = start;
    }
    start = stream.indexOf('\0\0\x01', start + 3, 'latin1');
  }
  return Buffer.concat([...parts, stream.subarray(copied)]);
}

/** Row by row `a b / c d` of the matrix that turns what is stored upright: x' = a·x + c·y, y' = b·x + d·y. */
const matrices: Readonly<Record<Orientation, readonly [number, number, number, number]>> = {
  1: [1, 0, 0, 1],
  2: [-1, 0, 0, 1],
  3: [-1, 0, 0, -1],
  4: [1, 0, 0, -1],
  5: [0, 1, 1, 0],
  6: [0, 1, -1, 0],
  7: [0, -1, -1, 0],
  8: [0, -1, 1, 0],
};

/**
 * Writes the display matrix into the track header of an MP4 or MOV whose only track is the video. The translation
 * moves the turned picture back to where both coordinates are positive, as phones write it.
 *
 * Reference: ISO/IEC 14496-12, 8.3.2.
 */
export function mp4With(orientation: Orientation, mp4: Buffer, width: number, height: number): Buffer {
  const bytes = Buffer.from(mp4);
  const box = bytes.indexOf('tkhd', 0, 'latin1') + 4;
  const matrixAt = box + (bytes[box] === 1 ? 52 : 40);
  const [a, b, c, d] = matrices[orientation];
  const [x, y] = [a * width + c * height, b * width + d * height];
  const [one, two] = [1 << 16, 1 << 30];
  [a * one, b * one, 0, c * one, d * one, 0, x < 0 ? -x * one : 0, y < 0 ? -y * one : 0, two].forEach((value, index) =>
    bytes.writeInt32BE(value, matrixAt + 4 * index),
  );
  return bytes;
}

/**
 * Puts a projection in the place of the colours in a Matroska file, which must tell of four of them or more. The pose is
 * a yaw of half a turn, which mirrors, and a roll, counterclockwise.
 *
 * Reference: RFC 9559 (Matroska), Projection Element.
 */
export function mkvWith(orientation: Orientation, mkv: Buffer): Buffer {
  const [, before = '', size = ''] =
    /^([^]*?)\x55\xb0([\x90-\xbf])\x55\xba/.exec(mkv.toString('latin1', 0, 4096)) ?? [];
  if (size === '') throw new Error('the Matroska file must have 16 bytes of colours or more');
  const float = (id: number, value: number) => {
    const element = Buffer.from([0x76, id, 0x84, 0, 0, 0, 0]);
    element.writeFloatBE(value, 3);
    return element;
  };
  const isMirrored = [2, 4, 5, 7].includes(orientation);
  const roll = { 1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: -90, 7: -90, 8: 90 }[orientation];
  const pose = Buffer.concat([...(isMirrored ? [float(0x73, 180)] : []), float(0x75, roll)]);
  const rest = size.charCodeAt(0) - 0x80 - pose.length - 2;
  const filler = Buffer.from([0xec, 0x80 + rest, ...Buffer.alloc(rest)]);
  const changed = Buffer.concat([Buffer.from(`\x76\x70${size}`, 'latin1'), pose, filler]);
  return Buffer.concat([mkv.subarray(0, before.length), changed, mkv.subarray(before.length + changed.length)]);
}
