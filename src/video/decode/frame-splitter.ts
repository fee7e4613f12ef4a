/** Cuts a byte stream into frames of a fixed size, straight into their buffers: one copy. */

/** Where the next frame goes: a buffer, nowhere (`skip`), or not yet (`wait`). */
export type Target = Uint8Array<ArrayBuffer> | 'skip' | 'wait';

export interface SplitterOptions {
  /** Bytes of one frame. */
  readonly frameBytes: number;
  /** Asked once at the start of every frame; after `wait` again at the next push. */
  readonly target: () => Target;
  /** A frame is complete; undefined when it was skipped. The callee owns the buffer. */
  readonly onFrame: (pixels: Uint8Array<ArrayBuffer> | undefined) => void;
}

export class FrameSplitter {
  readonly #options: SplitterOptions;
  #current: Uint8Array<ArrayBuffer> | 'skip' | undefined;
  #filled = 0;

  constructor(options: SplitterOptions) {
    this.#options = options;
  }

  /** Bytes of the frame that has begun: at the end of the stream, what was cut off. */
  get partialBytes(): number {
    return this.#filled;
  }

  /** How many bytes were taken: fewer than given when the next frame has to wait for a buffer. */
  push(chunk: Uint8Array): number {
    let taken = 0;
    while (taken < chunk.length) {
      if (this.#current === undefined) {
        const target = this.#options.target();
        if (target === 'wait') return taken;
        this.#current = target;
      }
      taken += this.#fill(this.#current, chunk.subarray(taken));
    }
    return taken;
  }

  /** The buffer of the frame that has begun, given up to the caller. */
  takePartial(): Uint8Array<ArrayBuffer> | undefined {
    const partial = this.#current;
    this.#current = undefined;
    this.#filled = 0;
    return partial === 'skip' ? undefined : partial;
  }

  #fill(current: Uint8Array<ArrayBuffer> | 'skip', rest: Uint8Array): number {
    const { frameBytes, onFrame } = this.#options;
    const part = rest.subarray(0, frameBytes - this.#filled);
    if (current !== 'skip') current.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === frameBytes) {
      this.#current = undefined;
      this.#filled = 0;
      onFrame(current === 'skip' ? undefined : current);
    }
    return part.length;
  }
}
