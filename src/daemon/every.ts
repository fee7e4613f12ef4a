/** Does the work again so many milliseconds after it has ended, until the returned function is called. It must not reject. */
export type Every = (milliseconds: number, work: () => unknown) => () => void;

export const onTimer: Every = (milliseconds, work) => {
  let timer: NodeJS.Timeout;
  let over = false;
  const next = () => {
    if (over) return;
    timer = setTimeout(() => void Promise.resolve(work()).finally(next), milliseconds);
    timer.unref();
  };
  next();
  return () => {
    over = true;
    clearTimeout(timer);
  };
};
