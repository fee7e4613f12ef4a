/** HEIC and AVIF: pictures in the boxes of MP4, of which ffmpeg shows the plain ones as they are. */
import { fstatSync } from 'node:fs';
import { readAt, withFile } from './with-file.ts';

/**
 * What ffmpeg would not show as it is to be seen, by the types of its boxes and items. Reference: ISO/IEC 23008-12
 * (HEIF), 6.5 and 6.6. EXIF has no say there.
 */
const special: readonly (readonly [type: string, words: string])[] = [
  ['grid', 'made of tiles'],
  ['iovl', 'laid over others'],
  ['irot', 'turned'],
  ['imir', 'mirrored'],
  ['clap', 'cropped'],
  ['auxC', 'transparent, or has a depth map'],
];

export function isHeif(head: Buffer): boolean {
  return heifKind(head) !== undefined;
}

/** By the brand of a single picture; those of several are videos to ffmpeg. */
export function heifKind(head: Buffer): 'HEIC' | 'AVIF' | undefined {
  const brand = /^....ftyp(heic|heix|heim|heis|mif1|avif)/s.exec(head.toString('latin1', 0, 12))?.[1];
  if (brand === undefined) return undefined;
  return brand === 'avif' ? 'AVIF' : 'HEIC';
}

/** Why a file that begins so is not read, in words that follow "it"; undefined for a plain one. */
export function heifFault(path: string, head: Buffer): string | undefined {
  const kind = heifKind(head);
  const meta = kind && metaBox(path);
  const [, words] = special.find(([type]) => meta?.includes(type, 0, 'latin1')) ?? [];
  return words && `is ${kind} that is ${words}, which is not read; convert it to JPEG or PNG`;
}

/** As much of it as there is, wherever it lies: some programs write it behind the pixels. */
function metaBox(path: string): Buffer | undefined {
  try {
    return withFile(path, (file) => {
      const { size } = fstatSync(file);
      for (let at = 0; at + 8 <= size;) {
        const head = readAt(file, at, 16);
        const length = boxLength(head, size - at);
        if (length < 8) return undefined;
        if (head.toString('latin1', 4, 8) === 'meta') return readAt(file, at + 8, Math.min(length, size - at) - 8);
        at += length;
      }
      return undefined;
    });
  } catch {
    return undefined; // What cannot be read, the decoder tells better.
  }
}

/** Reference: ISO/IEC 14496-12, 4.2: 0 is "to the end of the file", 1 is followed by 64 bits. */
function boxLength(head: Buffer, left: number): number {
  const length = head.readUInt32BE(0);
  if (length === 0) return left;
  return length === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : length;
}
