/** Fits of front ends beside the streams: one at a time, with what the streams leave. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Clock } from '../../domain/clock.ts';
import { killAtExit } from '../../video/child/kill-at-exit.ts';
import { onTimer, type Every } from '../every.ts';

export interface FitCommand {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface FitQueueOptions {
  /** A program that fits the front end of the stream, and ends with 0 whether or not that was adopted. */
  readonly command: (stream: string) => FitCommand;
  /** The streams meet their latency goal: fits may run. Read once a second. */
  readonly calm: () => boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly onStarted: (stream: string) => void;
  readonly onEnded: (stream: string, seconds: number, end: FitEnd) => void;
  readonly every?: Every;
}

/** `stopped`: from here; it did not fail. */
export interface FitEnd {
  readonly outcome: 'done' | 'failed' | 'stopped';
  /** What it said last, where it failed. */
  readonly reason?: string;
}

interface Running {
  readonly stream: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  standing: boolean;
  stopped: boolean;
}

const checkMs = 1000;
const graceMs = 1000;
const keptCharacters = 400;

/**
 * Each fit is a child of the lowest priority, and the first to go where memory runs out. While the
 * streams are late none is started, and the one that runs is made to stand still.
 */
export class FitQueue implements AsyncDisposable {
  readonly #options: FitQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #stopTimer: () => void;
  #running: Running | undefined;

  constructor(options: FitQueueOptions) {
    this.#options = options;
    this.#stopTimer = (options.every ?? onTimer)(checkMs, () => this.#check());
  }

  /** A stream that waits already keeps its place. */
  add(stream: string): void {
    this.#waiting.add(stream);
  }

  /** Takes it out of those that wait, and ends its fit where that runs. */
  remove(stream: string): void {
    this.#waiting.delete(stream);
    if (this.#running?.stream === stream) void this.#end(this.#running);
  }

  /** Ends the fit that runs, within a second or so. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopTimer();
    this.#waiting.clear();
    if (this.#running) await this.#end(this.#running);
  }

  async #end(running: Running): Promise<void> {
    const { child, ended } = running;
    running.stopped = true;
    // One that stands still would not hear of its end.
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
  }

  #check(): void {
    const calm = this.#options.calm();
    if (this.#running) {
      // It was woken to hear of its end.
      if (this.#running.stopped) return;
      if (this.#running.standing === calm) this.#running.child.kill(calm ? 'SIGCONT' : 'SIGSTOP');
      this.#running.standing = !calm;
      return;
    }
    const [next] = this.#waiting;
    if (!calm || next === undefined) return;
    this.#waiting.delete(next);
    this.#start(next);
  }

  #start(stream: string): void {
    const { command, clock, onStarted, onEnded } = this.#options;
    const { path, args, env } = command(stream);
    const startedAt = clock.now();
    // A group of its own: its decoders end with it when the service is killed.
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env });
    const forget = child.pid === undefined ? () => undefined : killAtExit(child.pid);
    if (child.pid !== undefined) stepBack(child.pid);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-keptCharacters)));
    onStarted(stream);
    const failure = new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined) resolve(error.message);
      });
      child.once('close', (code, signal) =>
        resolve(code === 0 ? undefined : said.trim() || `ended by ${code ?? signal}`),
      );
    });
    const ended = failure.then((reason) => {
      forget();
      this.#running = undefined;
      const seconds = (clock.now() - startedAt) / 1000;
      if (running.stopped) onEnded(stream, seconds, { outcome: 'stopped' });
      else if (reason === undefined) onEnded(stream, seconds, { outcome: 'done' });
      else onEnded(stream, seconds, { outcome: 'failed', reason });
    });
    const running: Running = { stream, child, ended, standing: false, stopped: false };
    this.#running = running;
  }
}

/** Neither matters enough to fail for where a sandbox forbids it. */
function stepBack(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
    // On Linux that is one thread's, which those that it makes from now on take over: some may be there already.
    if (process.platform === 'linux') {
      for (const thread of readdirSync(`/proc/${pid}/task`))
        setPriority(Number(thread), constants.priority.PRIORITY_LOW);
    }
    writeFileSync(`/proc/${pid}/oom_score_adj`, '800');
  } catch {
    // It runs as it is.
  }
}
