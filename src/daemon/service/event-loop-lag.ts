import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two samples, which count as delay in the histogram. */
const resolution = 10;

/** A function that gives the event loop's mean delay since its last call, seconds. */
export function createEventLoopLag(): { read(): number } & Disposable {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return {
    read: () => {
      const mean = histogram.count === 0 ? 0 : histogram.mean / 1e9 - resolution / 1e3;
      histogram.reset();
      return Math.max(0, mean);
    },
    [Symbol.dispose]: () => histogram.disable(),
  };
}
