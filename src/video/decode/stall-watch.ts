/** Notices that no frame comes any more. Wall-clock time outside the decoder: its own read may hang. */
import type { Clock } from '../../domain/clock.ts';

const checkMs = 200;

/** What a camera may take to connect and to send its first key frame, seconds. */
const connectSeconds = 15;

/** How long the first frame may take: a live source must connect before it can be silent. */
export function firstFrameSeconds(live: boolean, stallSeconds: number): number {
  return live ? Math.max(connectSeconds, stallSeconds) : stallSeconds;
}

export class StallWatch {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #timer: NodeJS.Timeout;
  #limitMs: number;
  #since: number;
  #pauses = 0;

  /**
   * `onStall` is called once: when `firstSeconds` have passed without a frame, or `stallSeconds`
   * since the last one.
   */
  constructor(clock: Clock, limits: { firstSeconds: number; stallSeconds: number }, onStall: () => void) {
    this.#clock = clock;
    this.#limitMs = limits.firstSeconds * 1000;
    this.#stallMs = limits.stallSeconds * 1000;
    this.#since = clock.now();
    this.#timer = setInterval(() => {
      if (this.#pauses > 0 || this.#clock.now() - this.#since < this.#limitMs) return;
      this.stop();
      onStall();
    }, checkMs);
    this.#timer.unref();
  }

  /** A frame came. */
  alive(): void {
    this.#limitMs = this.#stallMs;
    this.#since = this.#clock.now();
  }

  /** While the reader itself waits, silence says nothing about the source. */
  async whilePaused<T>(work: Promise<T>): Promise<T> {
    this.#pauses++;
    try {
      return await work;
    } finally {
      this.#pauses--;
      this.#since = this.#clock.now();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
