/** How a photograph is to be turned: cameras keep what the sensor sees, and say in EXIF which way up it was held. */
import { chunkData } from './chunks.ts';
import type { ImageCodec } from './image-codec.ts';
import type { Orientation } from './orientation.ts';
import { readAt, withFile } from './with-file.ts';

const [app1, startOfScan, orientationTag] = [0xe1, 0xda, 0x0112];
const exifMark = 'Exif\0\0';

/**
 * Of a picture, given its first bytes as well (64 KiB hold all that may come before in a JPEG); 1 where nothing, or
 * nothing sensible, is said. ffmpeg's own reading of it (of JPEG only, before version 8) is not used.
 *
 * Reference: Exif 2.32 (CIPA DC-008), 4.5.2 and 4.6.5; TIFF 6.0, section 2.
 */
export function imageOrientation(path: string, head: Buffer, codec: ImageCodec): Orientation {
  const exif = codec === 'tiff' ? undefined : exifOf(path, head, codec);
  const value =
    codec === 'tiff' ? ofFile(path) : exif ? orientationOf((at, length) => exif.subarray(at, at + length)) : 1;
  return value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

/** Reference: Extensions to the PNG Specification 1.5.0, 3.7 (eXIf); WebP Container Specification (EXIF). */
function exifOf(path: string, head: Buffer, codec: Exclude<ImageCodec, 'tiff'>): Buffer | undefined {
  switch (codec) {
    case 'mjpeg':
      return exifOfJpeg(head);
    case 'png':
      return withoutExifMark(chunkData(path, 'png', 'eXIf'));
    case 'webp':
      return withoutExifMark(chunkData(path, 'webp', 'EXIF'));
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

/** A TIFF is EXIF as a whole; its directory may stand behind all of its pixels. */
function ofFile(path: string): number {
  try {
    return withFile(path, (file) => orientationOf((at, length) => readAt(file, at, length)));
  } catch {
    return 1;
  }
}

/** Some writers put the mark of JPEG in front everywhere. */
function withoutExifMark(content: Buffer | undefined): Buffer | undefined {
  return content?.toString('latin1', 0, 6) === exifMark ? content.subarray(6) : content;
}

/** More entries than any has, of twelve bytes each. */
const directoryBytes = 2 + 12 * 4096;

/** 0 where the first directory has none. `read` gives so many bytes at a place, fewer where they end. */
function orientationOf(read: (at: number, length: number) => Buffer): number {
  const head = read(0, 8);
  const order = head.toString('latin1', 0, 2);
  if (head.length < 8 || (order !== 'II' && order !== 'MM')) return 0;
  const directory = read(order === 'II' ? head.readUInt32LE(4) : head.readUInt32BE(4), directoryBytes);
  const short = (at: number) => (order === 'II' ? directory.readUInt16LE(at) : directory.readUInt16BE(at));
  for (let entry = 2; entry + 12 <= directory.length && entry < 2 + 12 * short(0); entry += 12) {
    if (short(entry) === orientationTag) return short(entry + 8);
  }
  return 0;
}
