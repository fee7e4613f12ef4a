import { monitorEventLoopDelay } from 'node:perf_hooks';
import { onTimer, type Every } from '../every.ts';

/** Milliseconds between two samples, which count as delay in the histogram. */
const resolution = 10;
const snapshotMs = 1000;
/** So many snapshots back: what is read is of the last ten seconds. */
const window = 10;

interface Delays {
  readonly count: number;
  /** Of all samples so far, nanoseconds. */
  readonly mean: number;
}

/**
 * The event loop's mean delay over the last seconds, which any number of readers may ask for: none resets
 * anything, so that a probe of `/healthz` takes nothing from the watchdog.
 */
export class EventLoopLag implements Disposable {
  readonly #delays: Delays;
  readonly #stop: () => void;
  readonly #snapshots: { readonly count: number; readonly sum: number }[] = [];

  constructor(delays: Delays, every: Every = onTimer) {
    this.#delays = delays;
    this.#keep();
    this.#stop = every(snapshotMs, () => this.#keep());
  }

  /** Seconds. */
  read(): number {
    const [{ count, sum } = { count: 0, sum: 0 }] = this.#snapshots;
    const now = this.#now();
    if (now.count === count) return 0;
    return Math.max(0, (now.sum - sum) / (now.count - count) / 1e9 - resolution / 1e3);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #keep(): void {
    this.#snapshots.push(this.#now());
    if (this.#snapshots.length > window) this.#snapshots.shift();
  }

  #now() {
    const { count, mean } = this.#delays;
    return { count, sum: count === 0 ? 0 : count * mean };
  }
}

/** Of this process; samples take a timer until the end. */
export function eventLoopDelays(): Delays & Disposable {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return {
    get count() {
      return histogram.count;
    },
    get mean() {
      return histogram.mean;
    },
    [Symbol.dispose]: () => void histogram.disable(),
  };
}
