/** A graph run on many frames, a few at a time, and as many runs at the same time as the engine can. */
import type { Engine, Graph, Tensors } from '../../engine/engine.ts';
import { toTensors, type AdapterWeights } from '../../model/adapter.ts';
import type { Geometry } from '../../model/geometry.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { batchBytes, readBatch } from './batch.ts';

export interface FrameRunsOptions {
  readonly engine: Pick<Engine, 'report'>;
  readonly geometry: Geometry;
  /** Frames in each run. */
  readonly batch: number;
}

export interface FrameRun {
  readonly graph: Graph;
  readonly frames: Pick<FrameSet, 'grid' | 'read'>;
  readonly weights: AdapterWeights;
  /** What else the graph takes, for the frames with these indices. */
  readonly feeds?: (indices: readonly number[]) => Tensors | Promise<Tensors>;
  readonly signal?: AbortSignal | undefined;
}

/** Keeps a buffer of pixels for each of the runs that proceed at the same time. */
export class FrameRuns {
  readonly #options: FrameRunsOptions;
  readonly #buffers: Uint8Array<ArrayBuffer>[] = [];

  constructor(options: FrameRunsOptions) {
    this.#options = options;
  }

  /**
   * The outputs for each part of frames, in the order of the parts, whichever is done first.
   *
   * A part with fewer frames than a batch is filled up with whatever pixels there are: the caller leaves those rows out.
   * Throws the first error, and the signal's reason, once no run is under way.
   */
  async each(parts: readonly (readonly number[])[], run: FrameRun): Promise<Tensors[]> {
    const results: Tensors[] = [];
    let next = 0;
    let failed = false;
    const lane = async () => {
      while (!failed && next < parts.length) {
        const place = next++;
        try {
          run.signal?.throwIfAborted();
          results[place] = await this.#one(parts[place] ?? [], run);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const lanes = Array.from({ length: this.#options.engine.report.parallelRuns }, lane);
    for (const done of await Promise.allSettled(lanes)) if (done.status === 'rejected') throw done.reason;
    return results;
  }

  async #one(part: readonly number[], { graph, frames, weights, feeds }: FrameRun): Promise<Tensors> {
    const { geometry, batch } = this.#options;
    const buffer = this.#buffers.pop() ?? new Uint8Array(batchBytes(geometry, batch));
    await readBatch(frames, part, buffer);
    const pixels = { data: buffer, dims: [batch, 3, geometry.grid.height, geometry.grid.width] };
    const more = await feeds?.(part);
    const result = await graph.run({ pixels, ...toTensors(weights), ...more }, { transfer: ['pixels'] });
    this.#buffers.push(result.feeds['pixels']?.data as Uint8Array<ArrayBuffer>);
    return result.outputs;
  }
}

/** Parts of this many, the last one of what is left. */
export function inParts(indices: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(indices.length / size) }, (_, i) => indices.slice(i * size, (i + 1) * size));
}
