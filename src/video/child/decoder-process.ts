/** A long-running ffmpeg. One AbortSignal is the truth of its lifetime. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { openBytePipe, type BytePipe } from './byte-pipe.ts';
import { killAtExit } from './kill-at-exit.ts';
import { withoutAddress } from './private-address.ts';

/** Why a child was ended by us; the first reason wins. */
export type StopReason = 'closed' | 'failed' | 'stalled' | 'shutdown';

export interface ProcessExit {
  /** Undefined when a signal ended it or it never started. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** The last lines on stderr that `onLine` did not take. */
  readonly lastLines: readonly string[];
  /** Why it could not be started, for example ENOENT. */
  readonly startError: string | undefined;
}

export interface ProcessOptions {
  readonly path: string;
  /** An address among them is not shown to other users of the box. */
  readonly args: readonly string[];
  /** Aborting ends the child. */
  readonly signal: AbortSignal;
  /** Every line on stderr; lines for which it is true are not kept for the post-mortem. */
  readonly onLine: (line: string) => boolean;
  /** From SIGTERM to SIGKILL, milliseconds. */
  readonly graceMs?: number;
}

export interface DecoderProcess {
  readonly pid: number | undefined;
  readonly stdout: Pick<BytePipe, 'read'>;
  /** Resolves, never rejects, when the child is reaped and its stderr is closed. */
  readonly exited: Promise<ProcessExit>;
}

const keptLines = 40;
const keptCharacters = 500;

/**
 * Starts the child in a process group of its own, so that what it starts ends with it. When the
 * signal aborts it gets SIGTERM, and SIGKILL after the grace.
 */
export async function startDecoder(options: ProcessOptions): Promise<DecoderProcess> {
  const { path, args, signal, onLine, graceMs = 1000 } = options;
  const { args: shown, input } = withoutAddress(args);
  const stdout = await openBytePipe();
  const child = spawn(path, shown, {
    stdio: ['pipe', stdout.end, 'pipe'],
    detached: true,
    env: { ...process.env, AV_LOG_FORCE_NOCOLOR: '1' },
  });
  stdout.end.destroy();
  // A child that ends before it has read it says why by itself.
  child.stdin.on('error', () => undefined).end(input);
  const lastLines = keepLines(child, onLine);
  const forget = child.pid === undefined ? () => undefined : killAtExit(child.pid);
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    // A child that is blocked on a full pipe must be able to see the end of it.
    stdout.close();
    signalGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });

  const exited = new Promise<ProcessExit>((resolve) => {
    let startError: string | undefined;
    const settle = (code: number | null, endedBy: NodeJS.Signals | null) => {
      clearTimeout(killTimer);
      signal.removeEventListener('abort', stop);
      forget();
      resolve({ code: code ?? undefined, signal: endedBy ?? undefined, lastLines, startError });
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      startError = error.code ?? error.message;
      if (child.pid === undefined) settle(null, null);
    });
    child.once('close', settle);
  });
  return { pid: child.pid, stdout, exited };
}

function keepLines(child: ChildProcessByStdio<Writable, null, Readable>, onLine: (line: string) => boolean): string[] {
  const kept: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (onLine(line)) return;
    kept.push(line.slice(0, keptCharacters));
    if (kept.length > keptLines) kept.shift();
  });
  return kept;
}

/** The group may be gone already: that is what was wanted. */
function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // ESRCH: reaped in the meantime.
  }
}
