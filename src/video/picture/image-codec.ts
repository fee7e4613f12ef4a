/** What a picture is, from its first bytes: names of files lie. */
import { closeSync, openSync, readSync } from 'node:fs';
import { extname } from 'node:path';

/** ffmpeg's names of the decoders. */
export type ImageCodec = 'mjpeg' | 'png' | 'webp' | 'bmp';

const signatureBytes = 12;
const extensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.bmp']);

export function hasImageExtension(path: string): boolean {
  return extensions.has(extname(path).toLowerCase());
}

/** Undefined for what is none of the four, and for what cannot be read. */
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
  return undefined;
}

/** The first bytes of a file, at most so many; none of one that cannot be read. */
export function readHead(path: string, bytes: number): Buffer {
  const head = Buffer.alloc(bytes);
  try {
    const file = openSync(path, 'r');
    try {
      return head.subarray(0, readSync(file, head, 0, head.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return head.subarray(0, 0);
  }
}
