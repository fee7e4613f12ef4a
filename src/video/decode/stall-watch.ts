/** Notices that no frame comes any more. Wall-clock time outside the decoder: its own read may hang. */
import type { Clock } from '../../domain/clock.ts';
import type { SourceInfo } from '../source/source-info.ts';
import { startOf } from '../source/parted-source.ts';
import type { SourceSpec } from '../source/source-spec.ts';

const checkMs = 200;

/** What a camera may take to connect and to send its first key frame, seconds. */
const connectSeconds = 15;

/** At a rate below one in so many limits, frames are not expected more often than they come. */
const fewFrames = 3;

/** How long a source may be silent, seconds. */
export interface SilenceLimits {
  /** Until its first frame: a live source must connect before it can be silent. */
  readonly first: number;
  readonly then: number;
}

export interface ExpectedFrames {
  readonly spec: SourceSpec;
  readonly info: Pick<SourceInfo, 'frameRate'>;
  /** The constant rate that is made of it. */
  readonly framesPerSecond?: number | undefined;
  /** A file is read at its own pace. */
  readonly realtime?: boolean | undefined;
  readonly stallSeconds: number;
}

/** Infinite where silence can only be ours: a file on a disk waits for nobody. */
export function silenceLimits(expected: ExpectedFrames): SilenceLimits {
  const { spec, info, framesPerSecond = Infinity, realtime = false, stallSeconds } = expected;
  if (!spec.live && !realtime && spec.kind !== 'pipe') return { first: Infinity, then: Infinity };
  const rate = Math.min(info.frameRate ?? Infinity, framesPerSecond);
  const then = Math.max(stallSeconds, fewFrames / rate);
  if (spec.live) return { first: Math.max(connectSeconds, then), then };
  // What is decoded to come to a part of a file is silent.
  return { first: spec.kind !== 'pipe' && startOf(spec) > 0 ? Infinity : then, then };
}

export class StallWatch {
  readonly #clock: Clock;
  readonly #limits: SilenceLimits;
  readonly #timer: NodeJS.Timeout;
  #limitMs: number;
  #silentMs = 0;
  #looked: { readonly clock: number; readonly process: number };
  #pauses = 0;

  /** `onStall` is called once. */
  constructor(clock: Clock, limits: SilenceLimits, onStall: () => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#limitMs = 1000 * limits.first;
    this.#looked = this.#now();
    this.#timer = setInterval(() => {
      this.#look();
      if (this.#pauses > 0 || this.#silentMs < this.#limitMs) return;
      this.stop();
      onStall();
    }, checkMs);
    this.#timer.unref();
  }

  /** A frame came. */
  alive(): void {
    this.#limitMs = 1000 * this.#limits.then;
    this.#begin();
  }

  /** While the reader itself waits, silence says nothing about the source. */
  async whilePaused<T>(work: Promise<T>): Promise<T> {
    this.#pauses++;
    try {
      return await work;
    } finally {
      this.#pauses--;
      this.#begin();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #begin(): void {
    this.#silentMs = 0;
    this.#looked = this.#now();
  }

  /** What the timer itself was late is not the source's: what came meanwhile has not been read yet. */
  #look(): void {
    const { clock, process } = this.#looked;
    this.#looked = this.#now();
    const late = Math.max(0, this.#looked.process - process - checkMs);
    this.#silentMs += this.#looked.clock - clock - late;
  }

  #now() {
    return { clock: this.#clock.now(), process: performance.now() };
  }
}
