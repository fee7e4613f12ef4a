/** How far a long command is: one line that changes on a terminal, a line now and then elsewhere. */
import { systemClock, type Clock } from '../domain/clock.ts';
import type { Terminal } from '../output/live-view.ts';
import { cut } from '../output/terminal-text.ts';

const [redrawMs, plainMs] = [100, 5000];

export class ProgressLine implements Disposable {
  readonly #out: Terminal;
  readonly #clock: Pick<Clock, 'now'>;
  #drawnAt = -Infinity;
  #drawn = false;

  constructor(out: Terminal = process.stderr, clock: Pick<Clock, 'now'> = systemClock) {
    this.#out = out;
    this.#clock = clock;
  }

  /** Says how it stands; may be called at any rate. */
  update(text: string): void {
    const live = this.#out.isTTY === true;
    if (this.#clock.now() - this.#drawnAt < (live ? redrawMs : plainMs)) return;
    this.#drawnAt = this.#clock.now();
    if (!live) {
      this.#out.write(`${text}\n`);
      return;
    }
    this.#out.write(`\r\x1b[2K${cut(text, (this.#out.columns ?? 80) - 1)}`);
    this.#drawn = true;
  }

  /** A line that stays. */
  note(text: string): void {
    this.clear();
    this.#out.write(`${text}\n`);
  }

  /** Takes the changing line away. */
  clear(): void {
    if (!this.#drawn) return;
    this.#out.write('\r\x1b[2K');
    this.#drawn = false;
    this.#drawnAt = -Infinity;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

/** `[#####-----] 200 of 400, 10 s left`; `secondsEach` is what one took so far. */
export function progressBar(done: number, total: number, secondsEach: number): string {
  const width = 20;
  const filled = total > 0 ? Math.floor((width * done) / total) : width;
  const left = secondsEach > 0 && done < total ? `, ${duration(secondsEach * (total - done))} left` : '';
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${done} of ${total}${left}`;
}

/** `45 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
