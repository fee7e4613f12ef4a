/** Calls `action` every so many milliseconds until the returned function is called. */
export type Every = (milliseconds: number, action: () => void) => () => void;

export const onTimer: Every = (milliseconds, action) => {
  const timer = setInterval(action, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
};
