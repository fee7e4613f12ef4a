/** Frames through a front end and the frozen classifier: statistics and logits, nothing is fitted. */
import { once } from 'node:events';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Card } from '../../model/card.ts';
import type { Engine, Graph, Tensors } from '../../engine/engine.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { mean } from '../mean.ts';
import {
  channelUnits,
  type ActivationStatistics,
  type ColourStatistics,
  type FeatureStatistics,
} from './feature-statistics.ts';
import { startThread } from '../../domain/thread.ts';
import { FrameRuns, inParts } from './frame-runs.ts';
import type { ObservationRequest } from './observation-thread.ts';
import { observationModel, type ObservationGraphOptions } from './observation-graph.ts';

export interface Observation {
  readonly frames: number;
  readonly statistics: FeatureStatistics & { readonly pixels: ColourStatistics };
  /** Raw outputs of each frame; empty where only the first layers were run. */
  readonly logits: readonly Float32Array[];
  /** Standard deviation of each frame's own pixels, 0 to 1: next to nothing where a lens is covered. */
  readonly contrasts: readonly number[];
  /**
   * Share of the activations' variance that lies between frames, averaged over channels: about 0.1 for
   * photographs, near 0 for one scene.
   */
  readonly variety: number;
}

type WithoutClassifier = Omit<ObservationGraphOptions, 'classifier'>;

/** One session that is kept for all adapters of a geometry. */
export class Observer implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #options: WithoutClassifier;
  readonly #runs: FrameRuns;

  private constructor(engine: Engine, graph: Graph, options: WithoutClassifier) {
    this.#graph = graph;
    this.#options = options;
    this.#runs = new FrameRuns({ ...options, engine });
  }

  static async load(engine: Engine, { classifier, ...options }: ObservationGraphOptions): Promise<Observer> {
    return new Observer(engine, await engine.load(observationModel({ classifier, ...options })), options);
  }

  /** The same, while frames pass: the classifier is read from its file and joined in a thread. */
  static async loadBeside(engine: Engine, modelPath: string, options: WithoutClassifier): Promise<Observer> {
    return new Observer(engine, await engine.load(await modelFromThread({ ...options, modelPath })), options);
  }

  /** Looks at the frames with these indices. */
  async observe(
    frames: Pick<FrameSet, 'grid' | 'read'>,
    indices: readonly number[],
    adapter: AdapterWeights,
    signal?: AbortSignal,
  ): Promise<Observation> {
    const sums = new Sums();
    const logits: Float32Array[] = [];
    const contrasts: number[] = [];
    const { batch, card } = this.#options;
    const parts = inParts(indices, batch);
    const outputs = await this.#runs.each(parts, { graph: this.#graph, frames, weights: adapter, signal });
    outputs.forEach((tensors, place) => {
      const some = parts[place] ?? [];
      // The last run is filled up with other frames, whose rows come after these.
      for (const [name, { data, dims }] of Object.entries(tensors)) {
        const width = data.length / (dims[0] ?? 1);
        const used = (data as Float32Array).subarray(0, some.length * width);
        if (name === card.output.name) some.forEach((_, i) => logits.push(used.slice(i * width, (i + 1) * width)));
        else sums.add(name, used, width);
      }
      contrasts.push(...some.map((_, i) => contrastOf(tensors, i)));
    });
    return { frames: indices.length, ...summary(sums, card), logits, contrasts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#graph.release();
  }
}

async function modelFromThread(request: ObservationRequest): Promise<Uint8Array> {
  const thread = startThread(import.meta.url, 'observation-thread', request);
  const [model] = (await once(thread, 'message')) as [Uint8Array];
  return model;
}

/** Sums over frames of what each frame gave, and of its squares. */
class Sums {
  readonly #sums = new Map<string, { rows: number; sum: Float64Array; square: Float64Array }>();

  add(name: string, rows: Float32Array, width: number): void {
    const sums = this.#sums.get(name) ?? { rows: 0, sum: new Float64Array(width), square: new Float64Array(width) };
    rows.forEach((value, i) => {
      sums.sum[i % width] = (sums.sum[i % width] ?? 0) + value;
      sums.square[i % width] = (sums.square[i % width] ?? 0) + value ** 2;
    });
    sums.rows += rows.length / width;
    this.#sums.set(name, sums);
  }

  mean(name: string): number[] {
    const { rows, sum } = this.#sums.get(name) ?? { rows: 0, sum: [] };
    return Array.from(sum, (value) => value / rows);
  }

  /** Between frames. */
  variance(name: string): number[] {
    const { rows, square } = this.#sums.get(name) ?? { rows: 0, square: [] };
    const means = this.mean(name);
    return Array.from(square, (value, i) => Math.max(0, value / rows - (means[i] ?? NaN) ** 2));
  }
}

function contrastOf(outputs: Tensors, frame: number): number {
  const [means, squares] = [outputs['mean/image']?.data ?? [], outputs['square/image']?.data ?? []];
  const variances = [0, 1, 2].map((c) => Number(squares[9 * frame + 4 * c]) - Number(means[3 * frame + c]) ** 2);
  return Math.sqrt(Math.max(0, mean(variances)));
}

function summary(sums: Sums, card: Card): Pick<Observation, 'statistics' | 'variety'> {
  const colour = sums.mean('mean/image');
  const square = sums.mean('square/image');
  const covariance = colour.map((a, i) => colour.map((b, j) => (square[3 * i + j] ?? NaN) - a * b));
  const activations = card.statistics.activations.map(({ tensor }): ActivationStatistics => {
    const means = sums.mean(`mean/${tensor}`);
    const squares = sums.mean(`square/${tensor}`);
    const standardDeviation = means.map((m, i) => Math.sqrt(Math.max(0, (squares[i] ?? NaN) - m ** 2)));
    return { tensor, mean: means, standardDeviation };
  });
  const varieties = activations.map((seen) => {
    const { unit } = channelUnits(seen);
    return mean(sums.variance(`mean/${seen.tensor}`).map((variance, i) => variance / (unit[i] ?? NaN) ** 2));
  });
  return { statistics: { pixels: { mean: colour, covariance }, activations }, variety: mean(varieties) };
}
