/** Repeats the work so many seconds after it has ended, until it is disposed of. It must not reject. */
export function every(seconds: number, work: () => Promise<unknown>): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const next = () => {
    if (over) return;
    timer = setTimeout(() => void work().finally(next), 1000 * seconds);
    timer.unref();
  };
  next();
  return {
    [Symbol.dispose]: () => {
      over = true;
      clearTimeout(timer);
    },
  };
}
