import { setTimeout as after } from 'node:timers/promises';
import type { Clock } from '../../domain/clock.ts';
import { Stopped } from '../../domain/stop.ts';
import { jsonLine } from './json-line.ts';
import { codeOf, type LineDestination } from './line-destination.ts';
import { Losses } from './losses.ts';
import type { Sink, SinkCounts, SinkFailure, SinkRecord } from './sink.ts';

export interface JsonLinesOptions {
  readonly name: string;
  /** Predictions are written, too; those of pictures always are, which make no events. */
  readonly everyFrame: boolean;
  readonly clock: Clock;
  /** Told what a person should know, a sentence; full disks at most once a minute. */
  readonly tell: (sentence: string) => void;
  /** What may wait for a slow reader, bytes; 16 MiB unless given. */
  readonly maxPendingBytes?: number;
  /** How long closing waits for a reader that does not read; for ever unless given. */
  readonly patienceSeconds?: number;
}

/**
 * Records as JSON Lines: one object per line, whole lines only, in order. Lines that come while
 * one write is under way go together in the next.
 *
 * A full disk loses the lines of that time and is tried again with the next ones; a reader that
 * has gone (EPIPE) is not. Lines beyond `maxPendingBytes` are lost. Every loss is counted and told.
 */
export class JsonLines implements Sink {
  readonly name: string;
  readonly #destination: LineDestination;
  readonly #options: JsonLinesOptions;
  readonly #losses: Losses;
  #pending: string[] = [];
  #pendingBytes = 0;
  #writing: readonly string[] = [];
  #writingBytes = 0;
  /** Writes and openings, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Nothing can be written any more: the reader has gone, or closing waited long enough. */
  #over = false;
  #closing: Promise<void> | undefined;
  #delivered = 0;
  readonly #failed: Record<SinkFailure, number> = { full: 0, io: 0 };
  #lost = 0;

  constructor(destination: LineDestination, options: JsonLinesOptions) {
    this.name = options.name;
    this.#destination = destination;
    this.#options = options;
    this.#losses = new Losses(options.clock, options.tell);
  }

  take(record: SinkRecord): void {
    const { everyFrame, clock, maxPendingBytes = 16 * 2 ** 20 } = this.#options;
    if (record.type === 'prediction' && !everyFrame && record.prediction.source === undefined) return;
    if (this.#over || this.#closing) {
      this.#lost++;
      return;
    }
    const line = jsonLine(record, clock.date());
    const bytes = Buffer.byteLength(line);
    if (this.#pendingBytes + this.#writingBytes + bytes > maxPendingBytes) {
      this.#lost++;
      this.#losses.lost(1, this.#tooSlow);
      return;
    }
    if (this.#pending.length === 0) this.#turn = this.#turn.then(() => this.#write());
    this.#pending.push(line);
    this.#pendingBytes += bytes;
  }

  counts(): SinkCounts {
    return { delivered: this.#delivered, failed: { ...this.#failed }, lost: this.#lost };
  }

  flush(): Promise<void> {
    return this.#turn;
  }

  reopen(): Promise<void> {
    const { name } = this.#destination;
    this.#turn = this.#turn
      .then(() => this.#destination.reopen())
      .catch((error: unknown) =>
        this.#options.tell(
          `Events must be written to ${name}, but it cannot be opened anew (${codeOf(error)}): check the path and its permissions`,
        ),
      );
    return this.#turn;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #write(): Promise<void> {
    if (this.#over) return;
    const lines = this.#pending;
    this.#writing = lines;
    this.#writingBytes = this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    const { written, error } = await this.#destination.append(lines);
    // Closing did not wait for it, and counted it as lost.
    if (this.#writing !== lines) return;
    this.#writing = [];
    this.#writingBytes = 0;
    this.#delivered += written;
    if (written === lines.length) this.#losses.over(`Events are written to ${this.#destination.name} again`);
    else if (codeOf(error) === 'EPIPE') this.#readerGone(lines.length - written);
    else this.#refused(lines.length - written, error);
  }

  #refused(lines: number, error: unknown): void {
    const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(error));
    this.#failed[full ? 'full' : 'io'] += lines;
    const nextStep = full ? 'make room on the disk' : 'check the path and its disk';
    this.#losses.lost(
      lines,
      (untold) =>
        `Events must be written to ${this.#destination.name}, but ${untold} could not be (${codeOf(error)}): ${nextStep}`,
    );
  }

  #readerGone(lines: number): void {
    this.#over = true;
    this.#lost += lines + this.#pending.splice(0).length;
    const { name } = this.#destination;
    this.#options.tell(`Events must be read from ${name}, but the reader has gone (EPIPE): no more are written`);
  }

  readonly #tooSlow = (lines: number) =>
    `Events must be read from ${this.#destination.name} as fast as they come, but ${this.#pendingBytes + this.#writingBytes} bytes wait already: ${lines} could not wait as well`;

  async #close(): Promise<void> {
    const { patienceSeconds } = this.#options;
    if (patienceSeconds === undefined) await this.#turn;
    else await this.#flushWithin(patienceSeconds);
    this.#losses.end((lines) => `${lines} events could not be written to ${this.#destination.name}`);
    await this.#destination.close();
  }

  async #flushWithin(seconds: number): Promise<void> {
    const flushed = new AbortController();
    const tooLong = after(seconds * 1000, true, { signal: flushed.signal }).catch(() => false);
    const late = await Promise.race([this.#turn.then(() => false), tooLong]);
    flushed.abort(new Stopped('closed'));
    if (!late) return;
    this.#over = true;
    const lines = this.#writing.length + this.#pending.length;
    this.#writing = [];
    this.#lost += lines;
    this.#losses.lost(lines, this.#tooSlow);
  }
}
