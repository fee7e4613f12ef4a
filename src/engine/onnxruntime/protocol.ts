/** Messages between the engine and its worker; ids pair answers with requests. */
import type { Device, Tensors } from '../engine.ts';

export interface WorkerSettings {
  readonly device: Device;
  /** Threads inside one operator (`intraOpNumThreads`). */
  readonly threads: number;
}

export type Request =
  | { readonly kind: 'load'; readonly id: number; readonly model: string | Uint8Array }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly graph: number;
      readonly feeds: Tensors;
      readonly fetches: readonly string[];
      /** Buffers for outputs. */
      readonly into: Tensors;
      /** Feeds whose buffers go back with the answer. */
      readonly handBack: readonly string[];
    }
  | { readonly kind: 'release'; readonly id: number; readonly graph: number }
  /** Releases everything; the thread ends by itself after its answer. */
  | { readonly kind: 'close'; readonly id: number };

export type Answer =
  | {
      readonly kind: 'loaded';
      readonly id: number;
      readonly graph: number;
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
    }
  | {
      readonly kind: 'ran';
      readonly id: number;
      readonly outputs: Tensors;
      readonly feeds: Tensors;
      readonly milliseconds: number;
    }
  | { readonly kind: 'released'; readonly id: number }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly feeds: Tensors };
