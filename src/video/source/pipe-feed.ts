/** Bytes that come once, through a pipe: what was read to see what they are is kept for the decoder. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** More than an index in front of a long film takes. */
const mostKeptBytes = 64 * 2 ** 20;

export class PipeFeed {
  readonly #open: () => Readable;
  #stream: Readable | undefined;
  #iterator: AsyncIterator<Buffer, undefined> | undefined;
  #reading: Promise<boolean> | undefined;
  readonly #kept: Buffer[] = [];
  #handedOn = false;

  /** Nothing is opened before something is read. */
  constructor(open: () => Readable) {
    this.#open = open;
  }

  /** Whether the decoder had it: there is nothing to be read a second time. */
  get handedOn(): boolean {
    return this.#handedOn;
  }

  /** What was kept, at least the first bytes; empty at the end of an empty pipe. */
  async head(): Promise<Buffer> {
    if (this.#kept.length === 0) await this.#more();
    return Buffer.concat(this.#kept);
  }

  /** From the beginning; can be left at any place, and done again. */
  async *look(): AsyncGenerator<Buffer, void, undefined> {
    let bytes = 0;
    for (let i = 0; bytes < mostKeptBytes; i++) {
      if (i >= this.#kept.length && !(await this.#more())) return;
      const chunk = this.#kept[i];
      if (chunk === undefined) return;
      bytes += chunk.length;
      yield chunk;
    }
  }

  /** From the beginning to the end; once. */
  async *all(): AsyncGenerator<Buffer, void, undefined> {
    this.#handedOn = true;
    for (;;) {
      const chunk = this.#kept.shift();
      if (chunk !== undefined) yield chunk;
      else if (!(await this.#more())) return;
    }
  }

  /** Who writes into it is told that nobody reads any more. */
  close(): void {
    this.#handedOn = true;
    this.#kept.length = 0;
    this.#stream?.destroy();
  }

  /** False at the end. One read at a time: what a look has asked for and did not wait for is not lost. */
  #more(): Promise<boolean> {
    return (this.#reading ??= this.#next().finally(() => (this.#reading = undefined)));
  }

  async #next(): Promise<boolean> {
    this.#stream ??= this.#open();
    this.#iterator ??= this.#stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
    try {
      const next: IteratorResult<Buffer, undefined> = await this.#iterator.next();
      if (next.done !== true) this.#kept.push(next.value);
      return next.done !== true;
    } catch (error) {
      // Closed from here.
      if (this.#handedOn && this.#stream.destroyed) return false;
      throw error;
    }
  }
}

/** A pipe that the program was started with, by its number. */
export function inheritedPipe(descriptor: number): PipeFeed {
  return new PipeFeed(() => socketOf(descriptor));
}

/** A FIFO. Not to wait for its writer is asked for: a thread that waits cannot be called back. */
export function namedPipe(path: string): PipeFeed {
  return new PipeFeed(() => {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(descriptor).isFIFO()) return socketOf(descriptor);
    closeSync(descriptor);
    throw new Error(`${path} is no pipe any more`);
  });
}

function socketOf(fd: number): Readable {
  const socket = new Socket({ fd, readable: true, writable: false });
  // The decoder keeps the program going, not what would be read after it.
  socket.unref();
  return socket;
}
