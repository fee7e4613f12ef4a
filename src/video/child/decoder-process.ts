/** A long-running ffmpeg whose frames are read from a pipe of bytes, and whose words line by line. */
import { createInterface } from 'node:readline';
import { openBytePipe, type BytePipe } from './byte-pipe.ts';
import { feedInput } from './feed-input.ts';
import { startChild, type ChildExit, type ChildOptions } from './child.ts';

export interface ProcessExit extends ChildExit {
  /** The last lines on stderr that `onLine` did not take. */
  readonly lastLines: readonly string[];
}

export interface ProcessOptions extends Pick<ChildOptions, 'path' | 'args' | 'graceMs'> {
  /** Aborting ends the child. */
  readonly signal: AbortSignal;
  /** Every line on stderr; lines for which it is true are not kept for the post-mortem. */
  readonly onLine: (line: string) => boolean;
  /** For its standard input, which is empty by default. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
}

export interface DecoderProcess {
  readonly pid: number | undefined;
  readonly stdout: Pick<BytePipe, 'read'>;
  /** Resolves, never rejects, when the child is reaped and its stderr is closed. */
  readonly exited: Promise<ProcessExit>;
}

const keptLines = 40;
const keptCharacters = 500;

/** Throws as `openBytePipe` does. */
export async function startDecoder({ signal, onLine, input, ...options }: ProcessOptions): Promise<DecoderProcess> {
  const stdout = await openBytePipe();
  // A child that is blocked on a full pipe must be able to see the end of it, before it is asked to end.
  const close = () => stdout.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  const child = startChild({ ...options, signal, output: stdout.end });
  stdout.end.destroy();
  // A pipe that breaks ends the stream; what came of it is decoded.
  if (input) void feedInput(child.input, input).catch(() => child.input.end());
  else child.input.end();
  const lastLines: string[] = [];
  createInterface({ input: child.words }).on('line', (line) => {
    if (onLine(line)) return;
    lastLines.push(line.slice(0, keptCharacters));
    if (lastLines.length > keptLines) lastLines.shift();
  });
  const exited = child.exited.then((exit) => {
    signal.removeEventListener('abort', close);
    return { ...exit, lastLines };
  });
  return { pid: child.pid, stdout, exited };
}
