import type { Clock } from '../../domain/clock.ts';

const quietMilliseconds = 60_000;

/** Tells at once that lines are lost, then once a minute how many more, and how it ended. */
export class Losses {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: (sentence: string) => void;
  #untold = 0;
  #quietUntil = -Infinity;
  #troubled = false;

  constructor(clock: Pick<Clock, 'now'>, tell: (sentence: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** @param sentence about so many lines, which are all that were not told yet */
  lost(lines: number, sentence: (lines: number) => string): void {
    this.#untold += lines;
    if (this.#clock.now() < this.#quietUntil) return;
    this.#troubled = true;
    this.#tell(sentence(this.#untold));
    this.#heard();
  }

  /** Lines are written again. */
  over(sentence: string): void {
    const due = this.#untold > 0 && this.#clock.now() >= this.#quietUntil;
    if (!this.#troubled && !due) return;
    this.#troubled = false;
    this.#tell(this.#untold === 0 ? sentence : `${sentence}; ${this.#untold} more were lost meanwhile`);
    this.#heard();
  }

  /** There will be no other occasion to tell. */
  end(sentence: (lines: number) => string): void {
    if (this.#untold > 0) this.#tell(sentence(this.#untold));
    this.#untold = 0;
  }

  #heard(): void {
    this.#untold = 0;
    this.#quietUntil = this.#clock.now() + quietMilliseconds;
  }
}
