import type { Clock } from '../domain/clock.ts';
import { statusLines, type StreamStatus } from './status-lines.ts';
import { cut } from './terminal-text.ts';

/** What the view needs of standard output or error. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface LiveViewOptions {
  readonly out: Terminal;
  readonly clock: Pick<Clock, 'now'>;
  /** How often lines are written where there is no terminal, seconds; 0: never. */
  readonly statusIntervalSeconds: number;
}

/** Redrawing more often than this is not seen, only paid for. */
const redrawMs = 100;

/**
 * What the streams do now: on a terminal one line per stream that is redrawn in place, elsewhere
 * plain lines every so often. `update` is called at any rate.
 *
 * A redraw is a single write that overwrites line by line and clears only what is left over at
 * the right and below, so nothing flickers.
 */
export class LiveView implements Disposable {
  readonly #options: LiveViewOptions;
  readonly #live: boolean;
  #drawn: readonly string[] = [];
  #statuses: readonly StreamStatus[] = [];
  #nextAt: number;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#live = options.out.isTTY === true;
    this.#nextAt = this.#live ? -Infinity : options.clock.now() + 1000 * options.statusIntervalSeconds;
  }

  update(statuses: readonly StreamStatus[]): void {
    this.#statuses = statuses;
    const now = this.#options.clock.now();
    if (now < this.#nextAt) return;
    if (this.#live) {
      this.#nextAt = now + redrawMs;
      this.#redraw();
    } else if (this.#options.statusIntervalSeconds > 0) {
      this.#nextAt = now + 1000 * this.#options.statusIntervalSeconds;
      this.#options.out.write(ended(statusLines(statuses, 200)));
    }
  }

  /** Writes text that stays, such as a log message, above the live lines. */
  print(text: string): void {
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    if (this.#drawn.length === 0) {
      this.#options.out.write(whole);
      return;
    }
    this.#options.out.write(`${this.#toTop()}\x1b[J${whole}${ended(this.#drawn)}`);
  }

  /** Draws the last state and leaves it; what is written next goes below. */
  close(): void {
    if (this.#live && this.#statuses.length > 0) this.#redraw();
    this.#drawn = [];
    this.#statuses = [];
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #redraw(): void {
    const lines = this.#lines();
    if (lines.length === 0 && this.#drawn.length === 0) return;
    const text = lines.map((line) => `${line}\x1b[K\n`).join('');
    this.#options.out.write(`${this.#toTop()}${text}\x1b[J`);
    this.#drawn = lines;
  }

  /** As many as fit: the cursor cannot go up to a line that has left the screen. */
  #lines(): string[] {
    const { columns = 80, rows = 24 } = this.#options.out;
    // A line as wide as the terminal would wrap on some.
    const lines = statusLines(this.#statuses, Math.max(1, columns - 1));
    const room = Math.max(1, rows - 1);
    if (lines.length <= room) return lines;
    const more = cut(`… and ${lines.length - room + 1} more`, Math.max(1, columns - 1));
    return [...lines.slice(0, room - 1), more];
  }

  #toTop(): string {
    return this.#drawn.length > 0 ? `\x1b[${this.#drawn.length}A\r` : '';
  }
}

function ended(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
