/**
 * Work that is asked for by many, one run after the other. What has not begun serves all who ask meanwhile,
 * however many: it will see what they want seen. So at most one runs and one waits, and whoever asks gets
 * the result of a run that began after he asked.
 */
export function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  return () => {
    waiting ??= running.then(() => {
      const begun = work();
      waiting = undefined;
      running = begun.catch(() => undefined);
      return begun;
    });
    return waiting;
  };
}
