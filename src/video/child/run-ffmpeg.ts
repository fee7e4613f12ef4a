/** A short run of ffmpeg whose output is wanted whole: questions about itself or about a source. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { feedInput } from './feed-input.ts';
import { startChild } from './child.ts';

export interface RunOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  /** Why it could not be started, for example `ENOENT`. */
  readonly code: string | undefined;
}

export interface RunLimits {
  readonly signal?: AbortSignal | undefined;
  /** Wall-clock limit, milliseconds. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** For its standard input, which is empty by default. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
}

const keptCharacters = 4_000_000;

/** Runs to the end, never rejects for what the child does; the child is gone when it resolves. */
export async function runFfmpeg(path: string, args: readonly string[], limits: RunLimits = {}): Promise<RunOutput> {
  const { signal, timeoutMs, cwd, input } = limits;
  const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const ends = [signal, late].filter((end) => end !== undefined);
  const child = startChild({ path, args, cwd, signal: AbortSignal.any(ends) });
  // What the bytes fail with, ffmpeg has not got: it says so by itself.
  if (input) void feedInput(child.input, input).catch(() => child.input.end());
  else child.input.end();
  const [stdout, stderr, exit] = await Promise.all([textOf(child.output), textOf(child.words), child.exited]);
  // Asked to end, ffmpeg leaves with a code of its own.
  const timedOut = late?.aborted === true && signal?.aborted !== true;
  return { stdout, stderr, exitCode: exit.code, timedOut, code: exit.startError };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < keptCharacters) text += part;
  });
  // Pipes of a child break with it: how it ended is told by its exit.
  await once(stream, 'close').catch(() => undefined);
  return text;
}
