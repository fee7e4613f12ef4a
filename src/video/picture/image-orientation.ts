/** How a photograph is to be turned: cameras keep what the sensor sees, and say in EXIF which way up it was held. */
import { readFileSync } from 'node:fs';
import { chunkData } from './chunks.ts';
import type { ImageCodec } from './image-codec.ts';
import type { Orientation } from './orientation.ts';

const [app1, startOfScan, orientationTag] = [0xe1, 0xda, 0x0112];
const exifMark = 'Exif\0\0';

/**
 * Of a picture, given its first bytes as well (64 KiB hold all that may come before in a JPEG); 1 where nothing, or
 * nothing sensible, is said. ffmpeg's own reading of it (of JPEG only, before version 8) is not used.
 *
 * Reference: Exif 2.32 (CIPA DC-008), 4.5.2 and 4.6.5; TIFF 6.0, section 2.
 */
export function imageOrientation(path: string, head: Buffer, codec: ImageCodec): Orientation {
  const tiff = exifOf(path, head, codec);
  const value = tiff ? orientationOf(tiff) : 1;
  return value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

/** Reference: Extensions to the PNG Specification 1.5.0, 3.7 (eXIf); WebP Container Specification (EXIF). */
function exifOf(path: string, head: Buffer, codec: ImageCodec): Buffer | undefined {
  switch (codec) {
    case 'mjpeg':
      return exifOfJpeg(head);
    case 'png':
      return withoutExifMark(chunkData(path, 'png', 'eXIf'));
    case 'webp':
      return withoutExifMark(chunkData(path, 'webp', 'EXIF'));
    case 'tiff':
      return wholeFile(path);
    case 'bmp':
    case 'heif':
      return undefined;
  }
}

/** What follows `Exif\0\0` in the APP1 segment. */
function exifOfJpeg(head: Buffer): Buffer | undefined {
  for (let at = 2; at + 4 <= head.length && head[at] === 0xff && head[at + 1] !== startOfScan;) {
    const end = at + 2 + head.readUInt16BE(at + 2);
    const content = head.subarray(at + 4, end);
    if (head[at + 1] === app1 && content.toString('latin1', 0, 6) === exifMark) return content.subarray(6);
    at = end;
  }
  return undefined;
}

/** Its directory may stand anywhere. */
function wholeFile(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Some writers put the mark of JPEG in front everywhere. */
function withoutExifMark(content: Buffer | undefined): Buffer | undefined {
  return content?.toString('latin1', 0, 6) === exifMark ? content.subarray(6) : content;
}

/** 0 where the first directory has none. */
function orientationOf(tiff: Buffer): number {
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return 0;
  const short = (at: number) => {
    if (at + 2 > tiff.length) return 0;
    return order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  };
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const count = short(directory);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.length) return 0;
    if (short(entry) === orientationTag) return short(entry + 8);
  }
  return 0;
}
