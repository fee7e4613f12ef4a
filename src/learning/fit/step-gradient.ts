/** Loss and gradients of a batch, computed a few frames at a time: memory is bounded by these few. */
import { foldableWeights } from '../../autodiff/foldable.ts';
import type { Engine, Graph, Tensors } from '../../engine/engine.ts';
import { adapterTensorNames, adapterTensors, toTensors, type AdapterWeights } from '../../model/adapter.ts';
import { encodeModel } from '../../onnx/model.ts';
import type { FrameSet } from '../data/frame-set.ts';
import type { LossPiece, MomentsPiece } from '../loss/piece.ts';
import { batchBytes, readBatch } from '../statistics/batch.ts';
import type { JoinedGraphOptions } from '../statistics/joined-graph.ts';
import { cotangentName, fitGraph, gradientOutputs, momentsGraph, momentsName, pieceName } from './fit-graph.ts';

export interface BatchGradient {
  /** The pieces' weighted sum. */
  readonly loss: number;
  /** Unweighted, by name. */
  readonly pieces: Readonly<Record<string, number>>;
  /** In the order of `adapterTensorNames`. */
  readonly gradients: readonly Float32Array<ArrayBuffer>[];
}

export interface StepGradientOptions extends Omit<JoinedGraphOptions, 'tensors'> {
  readonly frames: Pick<FrameSet, 'grid' | 'read'>;
  readonly pieces: readonly LossPiece[];
}

/** Frames in each run, at most: more are no faster, and 8 through the whole of InceptionV3 and back take 0.6 GiB more. */
const mostAtOnce = 4;

/** The parts of a batch are of equal size, so that their mean is the mean of all. */
export function framesAtOnce(batch: number): number {
  for (let size = Math.min(batch, mostAtOnce); size > 1; size--) if (batch % size === 0) return size;
  return 1;
}

/**
 * Exact whatever the parts: gradients of means are added up; for pieces that depend on means over the batch, these
 * are taken in runs without gradients first.
 */
export class StepGradient implements AsyncDisposable {
  readonly #options: StepGradientOptions;
  readonly #graph: Graph;
  /** Where a piece needs its means first. */
  readonly #moments: Graph | undefined;
  #pixels: Uint8Array<ArrayBuffer>;

  private constructor(options: StepGradientOptions, graph: Graph, moments: Graph | undefined) {
    this.#options = options;
    this.#graph = graph;
    this.#moments = moments;
    this.#pixels = new Uint8Array(batchBytes(options.geometry, options.batch));
  }

  /** `batch`: frames in each run; see `framesAtOnce`. */
  static async load(engine: Engine, options: StepGradientOptions): Promise<StepGradient> {
    const moments = options.pieces.filter((piece) => piece.kind === 'moments');
    const graph = await engine.load(encodeModel(fitGraph(options, options.pieces)));
    if (moments.length === 0) return new StepGradient(options, graph, undefined);
    try {
      const looking = await engine.load(encodeModel(foldableWeights(momentsGraph(options, moments))));
      return new StepGradient(options, graph, looking);
    } catch (error) {
      await graph.release();
      throw error;
    }
  }

  /** `indices`: of the frames of the batch, a multiple of those of a run. */
  async of(indices: readonly number[], weights: AdapterWeights): Promise<BatchGradient> {
    const { batch, pieces } = this.#options;
    if (indices.length % batch !== 0) {
      throw new RangeError(`a batch must be a multiple of ${batch} frames, it has ${indices.length}`);
    }
    const parts = Array.from({ length: indices.length / batch }, (_, i) => indices.slice(i * batch, (i + 1) * batch));
    const values = new Map<string, number>();
    const cotangents = await this.#cotangents(parts, weights, values);
    const sums = adapterTensorNames.map((name) => new Float64Array(adapterTensors[name].length));
    for (const part of parts) {
      const own = await Promise.all(
        pieces.map(async (piece) => (piece.kind === 'mean' ? await piece.feeds?.(part) : undefined)),
      );
      const outputs = await this.#run(this.#graph, part, weights, Object.assign({}, cotangents, ...own) as Tensors);
      gradientOutputs.forEach((name, i) => addTo(sums[i], outputs[name]?.data as Float32Array));
      for (const piece of pieces) {
        if (piece.kind !== 'mean') continue;
        const value = Number(outputs[pieceName(piece)]?.data[0]) / parts.length;
        values.set(piece.name, (values.get(piece.name) ?? 0) + value);
      }
    }
    return {
      loss: pieces.reduce((sum, { name, weight }) => sum + weight * (values.get(name) ?? NaN), 0),
      pieces: Object.fromEntries(values),
      gradients: sums.map((sum) => Float32Array.from(sum, (value) => value / parts.length)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#graph.release();
    await this.#moments?.release();
  }

  /** Feeds of the gradient graph; the pieces' values are put into `values`. */
  async #cotangents(
    parts: readonly (readonly number[])[],
    weights: AdapterWeights,
    values: Map<string, number>,
  ): Promise<Tensors> {
    if (this.#moments === undefined) return {};
    const pieces = this.#options.pieces.filter((piece) => piece.kind === 'moments');
    const sums = pieces.map(({ length }) => new Float64Array(length));
    for (const part of parts) {
      const outputs = await this.#run(this.#moments, part, weights);
      pieces.forEach((piece, i) => addTo(sums[i], outputs[momentsName(piece)]?.data as Float32Array));
    }
    return Object.fromEntries(
      pieces.map((piece: MomentsPiece, i) => {
        const means = (sums[i] ?? new Float64Array()).map((sum) => sum / parts.length);
        const { value, gradient } = piece.loss(means);
        values.set(piece.name, value);
        const data = Float32Array.from(gradient, (g) => piece.weight * g);
        return [cotangentName(piece), { data, dims: [piece.length] }];
      }),
    );
  }

  async #run(graph: Graph, part: readonly number[], weights: AdapterWeights, more: Tensors = {}): Promise<Tensors> {
    const { frames, geometry, batch } = this.#options;
    await readBatch(frames, part, this.#pixels);
    const pixels = { data: this.#pixels, dims: [batch, 3, geometry.grid.height, geometry.grid.width] };
    const run = await graph.run({ pixels, ...toTensors(weights), ...more }, { transfer: ['pixels'] });
    this.#pixels = run.feeds['pixels']?.data as Uint8Array<ArrayBuffer>;
    return run.outputs;
  }
}

function addTo(sum: Float64Array | undefined, values: Float32Array): void {
  if (sum === undefined) throw new Error('there is no sum to add to');
  values.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value));
}
