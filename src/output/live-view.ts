import type { Clock } from '../domain/clock.ts';
import { canRedraw, paintFor, type Paint } from './paint.ts';
import { paintedLine, statusLines, type StreamStatus } from './status-lines.ts';
import { cut, width } from './terminal-text.ts';

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
  /** Nothing is shown but what is printed. */
  readonly quiet?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
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
  readonly #paint: Paint;
  #statuses: readonly StreamStatus[] = [];
  /** Below the streams: what is to be said of all of them. */
  #footer: string | undefined;
  #nextAt: number;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#live = canRedraw(options.out, options.env);
    this.#paint = paintFor(options.out, options.env);
    this.#nextAt = this.#live ? -Infinity : options.clock.now() + 1000 * options.statusIntervalSeconds;
  }

  update(statuses: readonly StreamStatus[], footer?: string): void {
    if (this.#options.quiet === true) return;
    this.#statuses = statuses;
    this.#footer = footer;
    const now = this.#options.clock.now();
    if (now < this.#nextAt) return;
    if (this.#live) {
      this.#nextAt = now + redrawMs;
      this.#redraw();
    } else if (this.#options.statusIntervalSeconds > 0) {
      this.#nextAt = now + 1000 * this.#options.statusIntervalSeconds;
      this.#options.out.write(ended(this.#linesOf(200)));
    }
  }

  /** Writes text that stays, such as a log message, above the live lines. */
  print(text: string): void {
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    if (this.#drawn.length === 0) {
      this.#options.out.write(whole);
      return;
    }
    this.#options.out.write(`${this.#toTop()}\x1b[J${whole}${ended(this.#painted(this.#drawn))}`);
  }

  /** Draws the last state and leaves it; what is written next goes below. */
  close(): void {
    if (this.#live && (this.#statuses.length > 0 || this.#drawn.length > 0)) this.#redraw();
    this.#drawn = [];
    this.#statuses = [];
    this.#footer = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #redraw(): void {
    const lines = this.#lines();
    if (lines.length === 0 && this.#drawn.length === 0) return;
    const text = this.#painted(lines)
      .map((line) => `${line}\x1b[K\n`)
      .join('');
    this.#options.out.write(`${this.#toTop()}${text}\x1b[J`);
    this.#drawn = lines;
  }

  /** As many as fit: the cursor cannot go up to a line that has left the screen. */
  #lines(): string[] {
    const { columns = 80, rows = 24 } = this.#options.out;
    // A line as wide as the terminal would wrap on some.
    const lines = this.#linesOf(Math.max(1, columns - 1));
    const room = Math.max(1, rows - 1);
    if (lines.length <= room) return lines;
    const footer = this.#footer === undefined ? '' : `; ${this.#footer}`;
    const more = cut(`… and ${this.#statuses.length - room + 1} more${footer}`, Math.max(1, columns - 1));
    return [...lines.slice(0, room - 1), more];
  }

  #linesOf(columns: number): string[] {
    const lines = statusLines(this.#statuses, columns);
    return this.#footer === undefined ? lines : [...lines, cut(this.#footer, columns)];
  }

  #painted(lines: readonly string[]): string[] {
    return lines.map((line) => paintedLine(line, this.#paint));
  }

  /** A terminal that has become narrower since has wrapped the lines. */
  #toTop(): string {
    const { columns = 80, rows = 24 } = this.#options.out;
    const up = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / Math.max(1, columns))), 0);
    return up > 0 ? `\x1b[${Math.min(up, Math.max(1, rows - 1))}A\r` : '';
  }
}

function ended(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
