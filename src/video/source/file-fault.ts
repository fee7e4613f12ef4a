/** What is wrong with a file, from its bytes: ffmpeg calls it all "invalid data". */
import { open, stat } from 'node:fs/promises';
import { unreadKind } from '../picture/unreadable.ts';
import { SourceError } from './source-error.ts';

/**
 * Throws a SourceError for what ffmpeg must not be asked about: an empty file, and an encrypted
 * one, of which it may well decode something that is not in it.
 */
export async function refuseUnfit(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true) return;
  if (stats.size === 0) throw new SourceError(`the source ${path} is empty: 0 bytes`, 'codec');
  const { head, tail } = await ends(path);
  // Sample entry and protection scheme of ISO/IEC 23001-7, in the index at either end.
  if (isMp4(head) && /encv[^]*sinf/.test(head + tail)) {
    throw new SourceError(`the source ${path} is encrypted; it must be decrypted before it can be watched`, 'codec');
  }
}

/** Why nothing could be decoded; undefined where the bytes do not tell. */
export async function fileFault(path: string): Promise<SourceError | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true) return undefined;
  const { head, tail } = await ends(path);
  const kind = unreadKind(Buffer.from(head.slice(0, 12), 'latin1'));
  if (kind !== undefined) {
    return new SourceError(
      `the source ${path} is ${kind}, which this ffmpeg cannot decode; convert it to JPEG or PNG`,
      'codec',
    );
  }
  if (isMp4(head) && !(head + tail).includes('moov')) {
    return new SourceError(
      `the source ${path} is cut off: the index (moov) that an MP4 file carries at its end is missing; copy or record it again`,
      'codec',
    );
  }
  if (/^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(head)) {
    return new SourceError(`the source ${path} must be a video, but is a text file`, 'codec');
  }
  return undefined;
}

function isMp4(head: string): boolean {
  return head.slice(4, 8) === 'ftyp';
}

const endBytes = 1 << 20;

/** The first and the last mebibyte, one character per byte. */
async function ends(path: string): Promise<{ head: string; tail: string }> {
  // What may not be read is for ffmpeg to say.
  await using file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return { head: '', tail: '' };
  const { size } = await file.stat();
  const read = async (position: number) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(endBytes, size)), 0, undefined, position);
    return buffer.subarray(0, bytesRead).toString('latin1');
  };
  return { head: await read(0), tail: await read(Math.max(0, size - endBytes)) };
}
