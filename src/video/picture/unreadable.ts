/** Why a picture is not classified, in words that follow "it". */
import { statSync } from 'node:fs';
import type { ImageCodec } from './image-codec.ts';
import { pictureEnd } from './picture-end.ts';

/** Of a file of whose bytes none is the beginning of a picture. */
export function noPicture(path: string, head: Buffer): string {
  if (head.length > 0) return 'is no picture';
  try {
    if (statSync(path).size === 0) return 'is empty';
  } catch (error) {
    // What is no UTF-8 in a name has no spelling here: the name leads to nothing.
    if (path.includes('\ufffd')) return 'cannot be opened: its name is no valid UTF-8';
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'cannot be opened: it is a link to nothing';
    if (code === 'ELOOP') return 'cannot be opened: it is a link to itself';
  }
  return 'cannot be opened';
}

/** Of a picture that ffmpeg gave nothing of. */
export function notDecoded(path: string, codec: ImageCodec): string {
  return pictureEnd(path, codec) === 'whole' ? 'is damaged' : 'is cut off';
}
