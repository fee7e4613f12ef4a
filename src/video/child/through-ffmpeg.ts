/** An ffmpeg that is fed through its standard input: bytes in, bytes out. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../domain/errors.ts';
import { killAtExit } from './kill-at-exit.ts';
import { lastWords } from '../ffmpeg/messages.ts';

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
  const child = spawn(path, ['-hide_banner', '-nostats', '-v', 'error', ...args], { stdio: 'pipe', detached: true });
  const forget = child.pid === undefined ? () => undefined : killAtExit(child.pid);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-keptCharacters);
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  const exited = new Promise<number | string>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('close', (code, endedBy) => resolve(code ?? endedBy ?? 'no code'));
  });
  // Its failure is told after the child's, which is usually the cause.
  const fed = pipeline(Readable.from(input, { highWaterMark: 1 }), child.stdin).catch((error: unknown) => ({ error }));
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await exited;
    signal?.throwIfAborted();
    if (code !== 0) {
      throw new UserError(
        `ffmpeg ${path} must convert the frames, but failed (${code}: ${lastWords(words.split('\n'))})`,
      );
    }
    const failure = await fed;
    if (failure !== undefined) throw failure.error;
  } finally {
    signal?.removeEventListener('abort', kill);
    kill();
    await exited;
    await fed;
    forget();
  }
}
