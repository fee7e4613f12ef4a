/** Loss and gradients of a batch, computed a few frames at a time: memory is bounded by these few. */
import { foldableWeights } from '../../autodiff/foldable.ts';
import type { Engine, Graph, Tensors } from '../../engine/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { encodeModel } from '../../onnx/wire.ts';
import type { FrameSet } from '../data/frame-set.ts';
import type { LossPiece, MomentsPiece } from '../loss/piece.ts';
import { FrameRuns, inParts } from '../statistics/frame-runs.ts';
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
  /**
   * Share of a batch's frames that the gradient is taken of, the first ones; 1 by default. Less where all pieces are of
   * moments, which are taken of all frames all the same.
   */
  readonly differentiated?: number | undefined;
}

/** Frames under way, at most: more are no faster, and 8 through the whole of InceptionV3 and back take 0.6 GiB more. */
const mostAtOnce = 4;

/**
 * Frames in each of the runs that proceed at the same time. The parts of a batch are of equal size, so that their mean is
 * the mean of all.
 */
export function framesAtOnce(batch: number, { report }: Pick<Engine, 'report'>): number {
  for (let size = Math.min(batch, Math.floor(mostAtOnce / report.parallelRuns)); size > 1; size--) {
    if (batch % size === 0) return size;
  }
  return 1;
}

/**
 * Exact whatever the parts, where all frames are differentiated: gradients of means are added up; for pieces that depend
 * on means over the batch, these are taken in runs without gradients first.
 *
 * Taking them from the batch before would be a third less work, and was tried: with Adam's momentum on top of that
 * lag the loss swings instead of falling.
 */
export class StepGradient implements AsyncDisposable {
  readonly #options: StepGradientOptions;
  readonly #graph: Graph;
  /** Where a piece needs its means first. */
  readonly #moments: Graph | undefined;
  readonly #runs: FrameRuns;

  private constructor(engine: Engine, options: StepGradientOptions, graph: Graph, moments: Graph | undefined) {
    this.#options = options;
    this.#graph = graph;
    this.#moments = moments;
    this.#runs = new FrameRuns({ ...options, engine });
  }

  /** `batch`: frames in each run; see `framesAtOnce`. */
  static async load(engine: Engine, options: StepGradientOptions): Promise<StepGradient> {
    const moments = options.pieces.filter((piece) => piece.kind === 'moments');
    if ((options.differentiated ?? 1) < 1 && moments.length < options.pieces.length) {
      throw new RangeError('pieces that are means over frames need the gradient of each of them');
    }
    const graph = await engine.load(encodeModel(fitGraph(options, options.pieces)));
    if (moments.length === 0) return new StepGradient(engine, options, graph, undefined);
    try {
      const looking = await engine.load(encodeModel(foldableWeights(momentsGraph(options, moments))));
      return new StepGradient(engine, options, graph, looking);
    } catch (error) {
      await graph.release();
      throw error;
    }
  }

  /** `indices`: of the frames of the batch, a multiple of those of a run. */
  async of(indices: readonly number[], weights: AdapterWeights): Promise<BatchGradient> {
    const { batch, pieces, differentiated = 1 } = this.#options;
    if (indices.length % batch !== 0) {
      throw new RangeError(`a batch must be a multiple of ${batch} frames, it has ${indices.length}`);
    }
    const all = inParts(indices, batch);
    const values = new Map<string, number>();
    const cotangents = await this.#cotangents(all, weights, values);
    const parts = all.slice(0, Math.ceil(differentiated * all.length));
    const sums = gradientOutputs.map((): number[] => []);
    const feeds = async (part: readonly number[]): Promise<Tensors> => {
      const pieceFeeds = pieces.map(async (piece) => (piece.kind === 'mean' ? await piece.feeds?.(part) : undefined));
      return Object.assign({}, cotangents, ...(await Promise.all(pieceFeeds))) as Tensors;
    };
    for (const outputs of await this.#run(this.#graph, parts, weights, feeds)) {
      gradientOutputs.forEach((name, i) => addTo(sums[i] ?? [], outputs[name]?.data as Float32Array));
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
    const sums = pieces.map((): number[] => []);
    for (const outputs of await this.#run(this.#moments, parts, weights)) {
      pieces.forEach((piece, i) => addTo(sums[i] ?? [], outputs[momentsName(piece)]?.data as Float32Array));
    }
    return Object.fromEntries(
      pieces.map((piece: MomentsPiece, i) => {
        const { value, gradient } = piece.loss(Float64Array.from(sums[i] ?? [], (sum) => sum / parts.length));
        values.set(piece.name, value);
        const data = Float32Array.from(gradient, (g) => piece.weight * g);
        return [cotangentName(piece), { data, dims: [piece.length] }];
      }),
    );
  }

  #run(
    graph: Graph,
    parts: readonly (readonly number[])[],
    weights: AdapterWeights,
    feeds?: (part: readonly number[]) => Promise<Tensors>,
  ): Promise<Tensors[]> {
    return this.#runs.each(parts, { graph, frames: this.#options.frames, weights, ...(feeds && { feeds }) });
  }
}

function addTo(sum: number[], values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sum[i] = (sum[i] ?? 0) + (values[i] ?? NaN);
}
