import { onTimer, type Every } from '../every.ts';

export interface WatchdogOptions {
  /** How often the service manager wants a sign of life, seconds; undefined when it wants none. */
  readonly seconds: number | undefined;
  /** A sentence for each reason not to give one. */
  readonly check: () => readonly string[];
  readonly ping: () => Promise<void>;
  /** A sign of life was withheld: the manager kills the daemon unless the next one comes. */
  readonly onWithheld: (reasons: readonly string[]) => void;
  readonly every?: Every;
}

/**
 * Gives a sign of life twice per watchdog period, only while the check finds no reason not
 * to; the manager restarts a daemon whose signs stay away. One withheld sign is one warning
 * in the log, and the next one that is given saves the daemon.
 */
export function startWatchdog({ seconds, check, ping, onWithheld, every = onTimer }: WatchdogOptions): Disposable {
  if (seconds === undefined) return { [Symbol.dispose]: () => undefined };
  const stop = every((seconds * 1000) / 2, () => {
    const reasons = check();
    if (reasons.length === 0) void ping();
    else onWithheld(reasons);
  });
  return { [Symbol.dispose]: stop };
}
