/** Notices that no frame comes any more. Wall-clock time outside the decoder: its own read may hang. */
import type { Clock } from '../domain/clock.ts';

const checkMs = 200;

export class StallWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #since: number;
  #pauses = 0;

  /** `onStall` is called once, when `stallSeconds` have passed since the last frame. */
  constructor(clock: Clock, stallSeconds: number, onStall: () => void) {
    this.#clock = clock;
    this.#limitMs = stallSeconds * 1000;
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
    this.#since = this.#clock.now();
  }

  /** While the reader itself waits, silence says nothing about the source. */
  async whilePaused<T>(work: Promise<T>): Promise<T> {
    this.#pauses++;
    try {
      return await work;
    } finally {
      this.#pauses--;
      this.alive();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
