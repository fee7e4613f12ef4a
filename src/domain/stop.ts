/** Why something was ended from here: a closed set, so that whoever hears of it tells a wish from a fault. */
import { exitCode, type ExitCode } from './errors.ts';

/** What a user or a service manager stops a process with. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

export type StopReason =
  | StopSignal
  /** Something that it needs has failed; `cause` says what. */
  | 'failure'
  /** Another one has taken its place. */
  | 'replaced'
  /** Nobody waits any more for what it does. */
  | 'closed'
  /** It shall do nothing until it is resumed. */
  | 'paused'
  /** What it belongs to has ended. */
  | 'shutdown'
  /** Its time was over. */
  | 'timeout';

const sentences: Record<StopReason, string> = {
  SIGINT: 'stopped by SIGINT',
  SIGTERM: 'stopped by SIGTERM',
  failure: 'stopped after a failure',
  replaced: 'stopped, since another one has taken its place',
  closed: 'stopped, since nobody waits for it any more',
  paused: 'stopped until it is resumed',
  shutdown: 'stopped with what it belongs to',
  timeout: 'stopped, since its time was over',
};

/** The reason of every `AbortController` here, and with it what `signal.throwIfAborted()` throws. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly reason: StopReason;

  /** `kept` ends the sentence: what is left of the work, such as `the trials so far are kept in DIRECTORY`. */
  constructor(reason: StopReason, { kept, cause }: { kept?: string | undefined; cause?: unknown } = {}) {
    super(`${sentences[reason]}${kept === undefined ? '' : `: ${kept}`}`, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }

  /** As a shell reports a process that the signal has ended. */
  get exitCode(): ExitCode {
    if (this.reason === 'SIGINT') return exitCode.interrupted;
    return this.reason === 'SIGTERM' ? exitCode.terminated : exitCode.failed;
  }
}

/** Why a signal of ours was aborted; undefined while it is not. */
export function stopReason({ aborted, reason }: AbortSignal): StopReason | undefined {
  return aborted ? stopBehind(reason)?.reason : undefined;
}

/** The stop that an error comes from: itself or among its causes (Node's `AbortError` has the reason there). */
export function stopBehind(error: unknown): Stopped | undefined {
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    if (cause instanceof Stopped) return cause;
    seen.add(cause);
  }
  return undefined;
}
