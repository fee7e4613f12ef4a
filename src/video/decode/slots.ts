/** A fixed number of frame buffers: memory per stream has a bound that is known beforehand. */

/**
 * Buffers are plain ArrayBuffers, because they are transferred to a worker. What comes back from
 * there is another object over the same memory, so a buffer is known by its size, not by identity.
 */
export class Slots {
  readonly count: number;
  readonly #bytes: number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  readonly #waiting = new Set<() => void>();
  #out = 0;

  /** @param bytes - size of one frame. Memory is taken when a slot is first used. */
  constructor(count: number, bytes: number) {
    this.count = count;
    this.#bytes = bytes;
  }

  /** Slots that someone holds. */
  get inUse(): number {
    return this.#out;
  }

  /** The caller owns the buffer until it gives it back. Undefined when all are out. */
  acquire(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#out >= this.count) return undefined;
    this.#out++;
    return this.#free.pop() ?? new Uint8Array(this.#bytes);
  }

  /**
   * Takes a buffer back. A detached one (its worker died with it) gives a fresh one in its place.
   * Throws when more come back than went out, when one comes back twice, and for a foreign size.
   */
  release(pixels: Uint8Array<ArrayBuffer>): void {
    if (this.#out === 0 || this.#free.some(({ buffer }) => buffer === pixels.buffer && buffer.byteLength > 0)) {
      throw new Error('a frame was released twice: whoever owns a frame releases it exactly once');
    }
    if (pixels.byteLength !== this.#bytes && pixels.buffer.byteLength !== 0) {
      throw new Error(`a frame of ${pixels.byteLength} bytes was released to a pool of ${this.#bytes}`);
    }
    this.#out--;
    if (pixels.byteLength > 0) this.#free.push(pixels);
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when a slot is free, or the signal aborts. */
  async whenFree(signal: AbortSignal): Promise<void> {
    if (this.#out < this.count || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
