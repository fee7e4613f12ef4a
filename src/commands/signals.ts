/** Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once. */
export function stopOnSignals(): Disposable & { readonly signal: AbortSignal } {
  const stop = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      // The default action of the signal; ffmpeg ends with its pipes.
      for (const each of names) process.off(each, onSignal);
      process.kill(process.pid, name);
      return;
    }
    stop.abort(new Error(`stopped by ${name}`));
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** SIGHUP: what services reload their configuration on. */
export function onReloadSignal(reload: () => void): Disposable {
  process.on('SIGHUP', reload);
  return { [Symbol.dispose]: () => process.off('SIGHUP', reload) };
}
