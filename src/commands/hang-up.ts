/**
 * SIGHUP, on which a service reads its configuration again. `main` imports this before anything else: the
 * signal may come in the first moment of a start, and would end the process. What came before the service was
 * ready is one reload once it is.
 */
let heard = false;
let reload: (() => void) | undefined;

function onHangUp(): void {
  if (reload) reload();
  else heard = true;
}

// Any other verb ends with its terminal.
if (process.argv[2] === 'run') process.on('SIGHUP', onHangUp);

/** From now on the signal is answered by the function, one that came before now at once. */
export function onReloadSignal(work: () => void): Disposable {
  reload = work;
  if (heard) work();
  heard = false;
  return { [Symbol.dispose]: () => void (reload = undefined) };
}

/** From now on the signal ends the process, one that came before now at once: it is no service. */
export function endOnHangUp(): void {
  process.off('SIGHUP', onHangUp);
  if (heard) process.kill(process.pid, 'SIGHUP');
}
