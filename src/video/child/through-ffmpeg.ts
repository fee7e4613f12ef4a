/** An ffmpeg that is fed through its standard input: bytes in, bytes out. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stop.ts';
import { lastWords } from '../ffmpeg/messages.ts';
import { startChild } from './child.ts';

export interface ThroughOptions {
  /** Path of ffmpeg. */
  readonly path: string;
  /** Reads `pipe:0` and writes `pipe:1`. */
  readonly args: readonly string[];
  /** Ends the child; the signal's reason is thrown then. */
  readonly signal?: AbortSignal | undefined;
}

const keptCharacters = 4000;

/**
 * What is fed is owned by the child until the next is asked for from `input`. Both sides wait for
 * each other, so that at most a chunk or two are held. Throws a UserError where the child fails.
 */
export async function* throughFfmpeg(
  input: AsyncIterable<Uint8Array>,
  { path, args, signal }: ThroughOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const left = new AbortController();
  const ends = [signal, left.signal].filter((end) => end !== undefined);
  const child = startChild({
    path,
    args: ['-hide_banner', '-nostats', '-v', 'error', ...args],
    signal: AbortSignal.any(ends),
    graceMs: 0,
  });
  let words = '';
  child.words.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-keptCharacters);
  });
  // Its failure is told after the child's, which is usually the cause.
  const fed = pipeline(Readable.from(input, { highWaterMark: 1 }), child.input).catch((error: unknown) => ({ error }));
  try {
    yield* child.output as AsyncIterable<Uint8Array>;
    const { code, signal: endedBy, startError } = await child.exited;
    signal?.throwIfAborted();
    if (code !== 0) {
      const how = startError ?? code ?? endedBy ?? 'no code';
      throw new UserError(
        `ffmpeg ${path} must convert the frames, but failed (${how}: ${lastWords(words.split('\n'))})`,
      );
    }
    const failure = await fed;
    if (failure !== undefined) throw failure.error;
  } finally {
    left.abort(new Stopped('closed'));
    await child.exited;
    await fed;
  }
}
