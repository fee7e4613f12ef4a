/** Whether a picture is all there, from its bytes: a decoder fills what is missing with grey, and a classifier believes it. */
import { fstatSync, readFileSync } from 'node:fs';
import { chunkData } from './chunks.ts';
import type { ImageCodec } from './image-codec.ts';
import { readAt, withFile } from './with-file.ts';

/**
 * `whole`: its end was found, whatever may follow. `cut`: its end is missing. `open`: there is no mark of an end, which
 * some programs leave out; only decoding tells.
 */
export type PictureEnd = 'whole' | 'cut' | 'open';

/** The first or the last bytes of most files say it, so that few are read twice. */
const endBytes = 64;

/** Of a file that begins as its codec says; `open` for what cannot be read, which the decoder says better. */
export function pictureEnd(path: string, codec: ImageCodec): PictureEnd {
  try {
    const { size, head, tail } = endsOf(path);
    if (codec === 'mjpeg') return endsInEoi(tail) ? 'whole' : endOfJpeg(readFileSync(path));
    if (codec === 'tiff' || codec === 'heif') return 'open';
    // The last chunk, whatever may follow.
    if (codec === 'png') return tail.includes('IEND', 0, 'latin1') || chunkData(path, 'png', 'IEND') ? 'whole' : 'cut';
    if (codec === 'webp') return endOfWebp(head, size);
    return endOfBmp(head, size);
  } catch {
    return 'open';
  }
}

function endsOf(path: string): { readonly size: number; readonly head: Buffer; readonly tail: Buffer } {
  return withFile(path, (file) => {
    const { size } = fstatSync(file);
    const length = Math.min(endBytes, size);
    return { size, head: readAt(file, 0, length), tail: readAt(file, size - length, length) };
  });
}

const [sof2, eoi, sos] = [0xc2, 0xd9, 0xda];

/** Padding behind the end of image is common. */
function endsInEoi(tail: Buffer): boolean {
  let end = tail.length;
  while (end > 0 && (tail[end - 1] === 0 || tail[end - 1] === 0x0a || tail[end - 1] === 0x0d)) end--;
  return tail[end - 2] === 0xff && tail[end - 1] === eoi;
}

/** Reference: ITU-T T.81, annex B: markers, those in entropy-coded data being stuffed (FF 00) or restarts. */
function endOfJpeg(bytes: Buffer): PictureEnd {
  let progressive = false;
  let at = 2;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) break;
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined) break;
    if (marker === eoi) return 'whole';
    if (marker === sof2) progressive = true;
    const alone = marker <= 1 || (marker >= 0xd0 && marker <= 0xd7);
    if (!alone && marker !== sos && at + 4 > bytes.length) break;
    at += alone ? 2 : 2 + (at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : 2);
  }
  // A download whose place on the disk was taken beforehand ends in zeros. A progressive picture lacks whole scans.
  const zeros = bytes.length > endBytes && bytes.subarray(-endBytes).every((byte) => byte === 0);
  return progressive || zeros ? 'cut' : 'open';
}

/** The container says how long it is; the padding of its last chunk is left out by some. */
function endOfWebp(head: Buffer, size: number): PictureEnd {
  return size >= 12 && head.readUInt32LE(4) + 7 <= size ? 'whole' : 'cut';
}

/** By what the pixels take, where they are not compressed: the length in the header is wrong in many files. */
function endOfBmp(head: Buffer, size: number): PictureEnd {
  if (size < 54) return 'open';
  const [start, header, compression] = [head.readUInt32LE(10), head.readUInt32LE(14), head.readUInt32LE(30)];
  if (header < 40 || (compression !== 0 && compression !== 3)) return 'open';
  const row = Math.ceil((head.readInt32LE(18) * head.readUInt16LE(28)) / 32) * 4;
  return start + row * Math.abs(head.readInt32LE(22)) <= size ? 'whole' : 'cut';
}
