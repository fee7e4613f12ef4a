export interface BackoffOptions {
  /** The longest wait after the first failure, milliseconds. */
  readonly firstMs: number;
  /** The longest wait after any failure, milliseconds. */
  readonly mostMs: number;
  /** 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** Below this a failure that comes back at once would keep a core busy. */
const leastMs = 100;

/**
 * How long to wait before the next attempt: random between 0 and a limit that doubles with every
 * failure ("full jitter"), so that cameras that were lost together do not come back together.
 *
 * Reference: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const { firstMs, mostMs, random } = this.#options;
    // Bounded before it is raised: 2^1024 is no number.
    const limit = Math.min(mostMs, firstMs * 2 ** Math.min(30, this.#failures++));
    return Math.max(leastMs, random() * limit);
  }

  /** For a source that must not be asked again soon: between half and all of the longest wait. */
  long(): number {
    const { mostMs, random } = this.#options;
    this.#failures++;
    return mostMs * (0.5 + random() / 2);
  }

  /** All is well again. */
  reset(): void {
    this.#failures = 0;
  }
}
