/** Brings pixels from stdout and their description from stderr together; they arrive in any order. */
import type { FrameInfo } from './showinfo.ts';

/** What came out of the splitter: undefined pixels are a frame that was skipped. */
export interface Arrival {
  readonly pixels: Uint8Array<ArrayBuffer> | undefined;
  readonly capturedAt: number;
}

export class FramePairing {
  readonly #arrivals: Arrival[] = [];
  readonly #infos: FrameInfo[] = [];
  readonly #onPair: (arrival: Arrival, info: FrameInfo) => void;

  constructor(onPair: (arrival: Arrival, info: FrameInfo) => void) {
    this.#onPair = onPair;
  }

  pixels(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#match();
  }

  info(info: FrameInfo): void {
    this.#infos.push(info);
    this.#match();
  }

  /** Frames without a description. Their size is not known, so nobody may classify them. */
  takeUnpaired(): Arrival[] {
    return this.#arrivals.splice(0);
  }

  #match(): void {
    while (this.#arrivals.length > 0 && this.#infos.length > 0) {
      const arrival = this.#arrivals.shift();
      const info = this.#infos.shift();
      if (arrival && info) this.#onPair(arrival, info);
    }
  }
}
