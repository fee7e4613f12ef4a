/** Why a picture is not classified, in words that follow "it". */
import { statSync } from 'node:fs';
import { heifKind } from './heif.ts';
import { readHead, signatureBytes, type ImageCodec } from './image-codec.ts';
import { pictureEnd } from './picture-end.ts';

/** Of a file of whose bytes none is the beginning of a picture. */
export function noPicture(path: string, head: Buffer): string {
  const kind = unreadKind(head);
  if (kind !== undefined) return `is ${kind}, which is not read; convert it to JPEG or PNG`;
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

/** Pictures by their first bytes, of kinds that ffmpeg reads in part or not at all before version 7. */
export function unreadKind(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, 12);
  if (/^....ftyp(?:hevc|msf1)/s.test(text)) return 'HEIC';
  if (/^....ftypavis/s.test(text)) return 'AVIF';
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL ')) return 'JPEG XL';
  if (text.startsWith('\0\0\0\x0cjP  ') || text.startsWith('\xff\x4f\xff\x51')) return 'JPEG 2000';
  return undefined;
}

/** WebP says in front whether it has several frames. */
export function isAnimatedWebp(head: Buffer): boolean {
  return head.toString('latin1', 8, 16) === 'WEBPVP8X' && ((head[20] ?? 0) & 0x02) !== 0;
}

/** Of a picture that ffmpeg gave nothing of. */
export function notDecoded(path: string, codec: ImageCodec): string {
  if (codec === 'heif') {
    const kind = heifKind(readHead(path, signatureBytes));
    return `is damaged, or ${kind} that this ffmpeg cannot decode; convert it to JPEG or PNG`;
  }
  return pictureEnd(path, codec) === 'whole' ? 'is damaged' : 'is cut off';
}
