/** An ffmpeg in a process group of its own, so that what it starts ends with it. One AbortSignal is the truth of its life. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { killAtExit } from './kill-at-exit.ts';
import { withoutAddress } from './private-address.ts';

export interface ChildOptions {
  readonly path: string;
  /** An address among them is not shown to other users of the box, but takes the standard input. */
  readonly args: readonly string[];
  /** Ends the child: SIGTERM, and SIGKILL after the grace. */
  readonly signal?: AbortSignal | undefined;
  /** Its standard output, in place of a pipe. */
  readonly output?: Socket;
  readonly cwd?: string | undefined;
  /** From SIGTERM to SIGKILL, milliseconds. */
  readonly graceMs?: number | undefined;
}

export interface ChildExit {
  /** Undefined when a signal ended it or it never started. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it could not be started, for example `ENOENT`. */
  readonly startError: string | undefined;
}

export interface Child {
  readonly pid: number | undefined;
  /** Ended already where an address came through it. */
  readonly input: Writable;
  /** Empty where it has an output of its own. */
  readonly output: Readable;
  /** Its standard error. */
  readonly words: Readable;
  /** Resolves, never rejects, when the child is reaped and its pipes are closed. */
  readonly exited: Promise<ChildExit>;
}

export function startChild({ path, args, signal, output, cwd, graceMs = 1000 }: ChildOptions): Child {
  const { args: shown, input: address } = withoutAddress(args);
  const started = tryToSpawn(path, shown, ['pipe', output ?? 'pipe', 'pipe'], cwd);
  const child = 'child' in started ? started.child : undefined;
  const pid = child?.pid;
  // Without descriptors there are none of these.
  const input = child?.stdin ?? new PassThrough();
  // A child that ends before it has read everything says why by itself.
  input.on('error', () => undefined);
  if (address !== '') input.end(address);
  const forget = pid === undefined ? () => undefined : killAtExit(pid);
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(pid, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  };
  const exited = new Promise<ChildExit>((resolve) => {
    let startError: string | undefined;
    const settle = (code: number | null, endedBy: NodeJS.Signals | null) => {
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', stop);
      forget();
      resolve({ code: code ?? undefined, signal: endedBy ?? undefined, startError });
    };
    const fail = (error: NodeJS.ErrnoException) => {
      startError = error.code ?? error.message;
      if (pid === undefined) settle(null, null);
    };
    if ('error' in started) fail(started.error);
    child?.once('error', fail).once('close', settle);
  });
  if (signal?.aborted === true) stop();
  else signal?.addEventListener('abort', stop, { once: true });
  return { pid, input, output: child?.stdout ?? nothing(), words: child?.stderr ?? nothing(), exited };
}

/** What the system says when it has no file descriptor left. */
export const outOfDescriptors: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

export const raiseLimit =
  'there are no file descriptors left, of which a stream takes about ten: raise the limit (LimitNOFILE= of the unit, ulimit -n)';

/** The sentence for a `startError`. */
export function startFault(path: string, code: string): string {
  const mend = outOfDescriptors.has(code) ? `; ${raiseLimit}` : '';
  return `ffmpeg ${path} could not be started (${code})${mend}`;
}

/** Node throws some of its errors, and emits others. */
function tryToSpawn(
  path: string,
  args: readonly string[],
  stdio: StdioOptions,
  cwd: string | undefined,
): { readonly child: ChildProcess } | { readonly error: NodeJS.ErrnoException } {
  try {
    const env = { ...process.env, AV_LOG_FORCE_NOCOLOR: '1' };
    return { child: spawn(path, args, { stdio, cwd, env, detached: true }) };
  } catch (error) {
    return { error: error as NodeJS.ErrnoException };
  }
}

function nothing(): Readable {
  return new PassThrough().end();
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
