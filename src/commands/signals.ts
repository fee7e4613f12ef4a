/** Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */
import { Stopped, type StopReason, type StopSignal } from '../domain/stop.ts';

const names = ['SIGINT', 'SIGTERM'] as const satisfies readonly StopSignal[];
/** The last one is asked: a verb while it works, else the command line. */
const askers: ((reason: StopReason) => void)[] = [];
let signalled = false;

/** The signal is aborted with a `Stopped`. `kept` says at that moment what is left of the work. */
export function stopOnSignals(kept?: () => string): Disposable & { readonly signal: AbortSignal } {
  const stop = new AbortController();
  const ask = (reason: StopReason) => stop.abort(new Stopped(reason, { kept: kept?.() }));
  if (askers.push(ask) === 1) for (const name of names) process.on(name, onSignal);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      askers.splice(askers.indexOf(ask), 1);
      if (askers.length === 0) forget();
    },
  };
}

/** As the first signal does, for another reason. */
export function askToStop(reason: StopReason): void {
  askers.at(-1)?.(reason);
}

function onSignal(name: StopSignal): void {
  if (!signalled) {
    signalled = true;
    askToStop(name);
    return;
  }
  // The default action of the signal; ffmpeg ends with its pipes.
  forget();
  process.kill(process.pid, name);
}

function forget(): void {
  signalled = false;
  for (const name of names) process.off(name, onSignal);
}
