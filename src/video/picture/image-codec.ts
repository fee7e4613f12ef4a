/** What a picture is, from its first bytes: names of files lie. */
import { readSync } from 'node:fs';
import { extname } from 'node:path';
import { isHeif } from './heif.ts';
import { withFile } from './with-file.ts';

/** ffmpeg's names of the decoders; `heif` is a container, HEIC or AVIF. */
export type ImageCodec = 'mjpeg' | 'png' | 'webp' | 'bmp' | 'tiff' | 'heif';

export const signatureBytes = 12;
const read = ['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.bmp', '.tif', '.tiff', '.heic', '.heif', '.avif'];
/** Named where they lie among others, not passed over. */
const unread = ['.jxl', '.jp2', '.j2k'];
const extensions = new Set([...read, ...unread]);

export function hasImageExtension(path: string): boolean {
  return extensions.has(extname(path).toLowerCase());
}

/** Undefined for what is none of these, and for what cannot be read. */
export function imageCodec(path: string): ImageCodec | undefined {
  return codecOf(readHead(path, signatureBytes));
}

/** Of a file that begins so. */
export function codecOf(bytes: Buffer): ImageCodec | undefined {
  const head = bytes.toString('latin1', 0, signatureBytes);
  if (head.startsWith('\xff\xd8\xff')) return 'mjpeg';
  if (head.startsWith('\x89PNG\r\n')) return 'png';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.startsWith('BM')) return 'bmp';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'tiff';
  return isHeif(bytes) ? 'heif' : undefined;
}

/** A PNG of several frames says so in front of its pixels. */
export function isAnimatedPng(path: string): boolean {
  const head = readHead(path, 65_536);
  return codecOf(head) === 'png' && head.subarray(0, Math.max(0, head.indexOf('IDAT'))).includes('acTL');
}

/** The first bytes of a file, at most so many; none of one that cannot be read. */
export function readHead(path: string, bytes: number): Buffer {
  const head = Buffer.alloc(bytes);
  try {
    return withFile(path, (file) => head.subarray(0, readSync(file, head, 0, head.length, 0)));
  } catch {
    return head.subarray(0, 0);
  }
}
