import type { Writable } from 'node:stream';
import type { Clock } from '../domain/clock.ts';
import { UserError } from '../domain/errors.ts';
import type { StateEvent } from '../domain/event.ts';
import { eventLine, predictionLine, type ScoredPrediction } from './event-lines.ts';
import { codeOf, fileDestination, streamDestination, type LineDestination } from './line-destination.ts';

export interface JsonLinesOptions {
  readonly clock: Pick<Clock, 'date'>;
  /** Lines could not be written; told at each failure, so that the caller can log, count, or stop. */
  readonly onError: (error: UserError, lostLines: number) => void;
  /** What may wait for a slow reader, bytes; 16 MiB unless given. */
  readonly maxPendingBytes?: number;
}

/** Opens the sink on a file that is appended to, or on `stdout` for `-`. Throws as `fileDestination`. */
export async function openJsonLines(
  path: string,
  { stdout, ...options }: JsonLinesOptions & { readonly stdout: Writable },
): Promise<JsonLinesSink> {
  const destination = path === '-' ? streamDestination(stdout, 'standard output') : await fileDestination(path);
  return new JsonLinesSink(destination, options);
}

/**
 * Events, and predictions where they are wanted, as JSON Lines: one object per line, whole lines
 * only, in order. Writing never makes the caller wait; lines that come while one write is under
 * way go together in the next.
 *
 * A full disk loses the lines of that time and is tried again with the next ones; a reader that
 * has gone (EPIPE) is not. Lines beyond `maxPendingBytes` are lost. Every loss is counted and told.
 */
export class JsonLinesSink implements AsyncDisposable {
  readonly #destination: LineDestination;
  readonly #options: JsonLinesOptions;
  #pending: string[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #readerGone = false;
  #tooSlow = false;
  #closed = false;
  #written = 0;
  #lost = 0;

  constructor(destination: LineDestination, options: JsonLinesOptions) {
    this.#destination = destination;
    this.#options = options;
  }

  /** Lines that are in the file. */
  get written(): number {
    return this.#written;
  }

  /** Lines that are not, and will not be. */
  get lost(): number {
    return this.#lost;
  }

  event(event: StateEvent): void {
    this.#add(eventLine(event, this.#options.clock.date()));
  }

  /** @param labels the bundle's, to which the probabilities belong */
  prediction(prediction: ScoredPrediction, labels: readonly string[]): void {
    this.#add(predictionLine(prediction, labels, this.#options.clock.date()));
  }

  /** Resolves when everything that was given so far is written or lost. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Writes what waits, then closes. A reader that does not read keeps it waiting: bound it by a deadline. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.flush();
    await this.#destination.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(line: string): void {
    if (this.#closed) throw new Error('the events file is closed; close it after the last stream');
    if (this.#readerGone) {
      this.#lost++;
      return;
    }
    const bytes = Buffer.byteLength(line);
    if (this.#pendingBytes + bytes > (this.#options.maxPendingBytes ?? 16 * 2 ** 20)) {
      this.#refuse();
      return;
    }
    this.#pending.push(line);
    this.#pendingBytes += bytes;
    this.#writing ??= this.#write();
  }

  /** Told once until the reader catches up, not per line. */
  #refuse(): void {
    this.#lost++;
    if (this.#tooSlow) return;
    this.#tooSlow = true;
    const message = `Events must be read from ${this.#destination.name} as fast as they come, but ${this.#pendingBytes} bytes wait already: lines are lost until the reader catches up`;
    this.#options.onError(new UserError(message), 1);
  }

  async #write(): Promise<void> {
    // Lines of the same moment go together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const lines = this.#pending;
      this.#pending = [];
      try {
        await this.#destination.append(lines.join(''));
        this.#written += lines.length;
      } catch (error) {
        this.#fail(error, lines.length);
      }
      this.#pendingBytes = this.#pending.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
      this.#tooSlow = false;
    }
    this.#writing = undefined;
  }

  #fail(cause: unknown, lines: number): void {
    this.#readerGone = codeOf(cause) === 'EPIPE';
    const gone = this.#readerGone ? this.#pending.splice(0).length : 0;
    this.#lost += lines + gone;
    const message = this.#readerGone
      ? `Events must be read from ${this.#destination.name}, but the reader has gone (EPIPE): no more are written`
      : `Events must be written to ${this.#destination.name}, but ${lines} could not be (${codeOf(cause)}): ${nextStep(cause)}`;
    this.#options.onError(new UserError(message, { cause }), lines + gone);
  }
}

function nextStep(cause: unknown): string {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(cause)) ? 'make room on the disk' : 'check the path and its disk';
}
