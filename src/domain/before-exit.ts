/** What must be closed before the process may end: ending it while a thread is in native code aborts it. */

const closers = new Set<() => Promise<unknown>>();

/** Until the returned function is called. */
export function closeBeforeExit(close: () => Promise<unknown>): () => void {
  closers.add(close);
  return () => closers.delete(close);
}

/** Resolves when all of it is closed, whatever comes of that. */
export async function closeAll(): Promise<void> {
  await Promise.allSettled([...closers].map((close) => close()));
}
