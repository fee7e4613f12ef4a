/** Frames through a front end and the frozen classifier: statistics and logits, nothing is fitted. */
import { foldableWeights } from '../../autodiff/foldable.ts';
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Card } from '../../model/card.ts';
import type { Engine, Graph, Tensors } from '../../engine/engine.ts';
import type { GraphModel } from '../../onnx/model.ts';
import { encodeModel } from '../../onnx/wire.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { mean } from '../mean.ts';
import {
  channelUnits,
  type ActivationStatistics,
  type ColourStatistics,
  type FeatureStatistics,
} from './feature-statistics.ts';
import { FrameRuns, inParts } from './frame-runs.ts';
import { joinedGraph, type JoinedGraphOptions } from './joined-graph.ts';

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

/** One session that is kept for all adapters of a geometry. */
export class Observer implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #options: ObserverOptions;
  readonly #runs: FrameRuns;

  private constructor(engine: Engine, graph: Graph, options: ObserverOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#runs = new FrameRuns({ ...options, engine });
  }

  static async load(engine: Engine, options: ObserverOptions): Promise<Observer> {
    return new Observer(engine, await engine.load(encodeModel(observationGraph(options))), options);
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

export interface ObserverOptions extends Omit<JoinedGraphOptions, 'tensors'> {
  /** Also run the classifier to its end. */
  readonly logits: boolean;
}

/** Outputs per frame: `mean/T` and `square/T` [batch, channels] of each tensor T, and the logits. */
function observationGraph(options: ObserverOptions): GraphModel {
  const { card, logits, batch } = options;
  const activations = card.statistics.activations.map(({ tensor }) => tensor);
  const tensors = [...activations, ...(logits ? [card.output.name] : [])];
  const b = GraphBuilder.from(joinedGraph({ ...options, tensors }));
  const outputs = activations.flatMap((tensor) => [
    b.alias(b.reduceMean(tensor, [2, 3], { keepdims: false }), `mean/${tensor}`),
    b.alias(b.reduceMean(b.mul(tensor, tensor), [2, 3], { keepdims: false }), `square/${tensor}`),
  ]);
  const places = card.input.width * card.input.height;
  const flat = b.reshape('image', [batch, 3, places]);
  const products = b.op('MatMul', [flat, b.transpose(flat, [0, 2, 1])]);
  const colours = [
    b.alias(b.reduceMean('image', [2, 3], { keepdims: false }), 'mean/image'),
    b.alias(b.mul(b.reshape(products, [batch, 9]), 1 / places), 'square/image'),
  ];
  return foldableWeights(b.model([...outputs, ...colours, ...(logits ? [card.output.name] : [])]));
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
