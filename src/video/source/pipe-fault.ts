/** What cannot be read from a pipe, from its first bytes. */
import { once } from 'node:events';
import type { PipeSpec } from './pipe-source.ts';
import { SourceError } from './source-error.ts';

export interface PipePatience {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/**
 * Resolves when the first bytes have come and may be a video. Throws a SourceError for an empty pipe, one that nobody
 * writes into within the time, and what cannot be read in its order; the signal's reason when aborted.
 */
export async function awaitPipe({ feed, path }: PipeSpec, { signal, timeoutMs }: PipePatience): Promise<void> {
  refuseSecondReading({ feed, path });
  const firstBytes = feed.head().catch((cause: unknown) => {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new SourceError(`the source ${path} cannot be read (${code})`, 'auth', { cause });
  });
  const limit = AbortSignal.timeout(timeoutMs);
  const over = signal ? AbortSignal.any([signal, limit]) : limit;
  const head = await Promise.race([firstBytes, over.aborted ? undefined : once(over, 'abort').then(() => undefined)]);
  if (head !== undefined) {
    refuseUnpipeable(path, head);
    return;
  }
  feed.close();
  signal?.throwIfAborted();
  throw new SourceError(`the source ${path} must give a video, but nothing came for ${timeoutMs / 1000} s`, 'timeout');
}

/** Throws a SourceError where the decoder has had what came. */
export function refuseSecondReading({ feed, path }: Pick<PipeSpec, 'feed' | 'path'>): void {
  if (!feed.handedOn) return;
  throw new SourceError(`the source ${path} can be read once, and has been read: write it to a file first`, 'eof');
}

/** Throws a SourceError for nothing at all, and for an MP4 whose index comes after what it is the index of. */
function refuseUnpipeable(name: string, head: Buffer): void {
  if (head.length === 0) throw new SourceError(`the source ${name} is empty: 0 bytes came`, 'codec');
  if (firstOf(head, ['moov', 'mdat']) === 'mdat') {
    throw new SourceError(
      `the source ${name} must be read from its beginning to its end, but is an MP4 file with its index (moov) at the end: name the file itself, or write it with \`ffmpeg -i IN -c copy -movflags +faststart OUT\``,
      'codec',
    );
  }
}

/** The first of these boxes at the top level (ISO/IEC 14496-12); undefined where none has come yet, or it is no MP4. */
function firstOf(head: Buffer, types: readonly string[]): string | undefined {
  if (head.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  for (let at = 0; at + 8 <= head.length;) {
    const type = head.toString('latin1', at + 4, at + 8);
    if (types.includes(type)) return type;
    const size = head.readUInt32BE(at);
    // 0 and 1 say that the size is elsewhere; only `mdat` is as long.
    if (size < 8) return undefined;
    at += size;
  }
  return undefined;
}
