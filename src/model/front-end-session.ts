/** A front end on an engine: the decoder's bytes in, the classifier's image out. */
import { DisposeStack } from '../domain/dispose-stack.ts';
import { RunError, type Engine, type Graph, type TensorData, type Tensors } from '../engine/engine.ts';
import { toTensors, type AdapterWeights } from './adapter.ts';
import { frontEndModel, mergedFrontEndModel } from './front-end.ts';
import { frontEndMacs, type Geometry } from './geometry.ts';
import { mergeAdapter, mergedMacs } from './merge-adapter.ts';
import type { Tiles } from './tiles.ts';

export interface FrontEndResult {
  /** float32 [3, height, width] of the classifier's input, R, G, B from 0 up, for each tile; `release` it after use. */
  readonly image: Float32Array<ArrayBuffer>;
  /** The frame's buffer, to be given back to its source. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Time inside the session, milliseconds. */
  readonly milliseconds: number;
}

/** An adapter made ready for a geometry: which graph it runs on, and what it feeds there. */
interface Prepared {
  readonly form: 'merged' | 'two convolutions';
  readonly feeds: Tensors;
}

/**
 * The sessions of one geometry. The adapter is fed with every frame, so that swapping it needs no
 * reload; where its two convolutions are exactly one, and that is cheaper, it runs as one.
 */
export class FrontEndSession implements AsyncDisposable {
  readonly geometry: Geometry;
  /** How many images a frame becomes. */
  readonly images: number;
  readonly #tiles: Tiles | undefined;
  readonly #engine: Engine;
  readonly #graphs = new Map<Prepared['form'], Promise<Graph>>();
  readonly #prepared = new WeakMap<AdapterWeights, Prepared>();
  /** Images that nobody uses: without them half a megabyte per frame would be garbage. */
  readonly #spare: Float32Array<ArrayBuffer>[] = [];

  constructor(engine: Engine, geometry: Geometry, tiles?: Tiles) {
    this.#engine = engine;
    this.geometry = geometry;
    this.#tiles = tiles;
    this.images = tiles?.corners.length ?? 1;
  }

  /**
   * Takes ownership of `pixels` (three planes of the size of the grid, or of the tiles' sheet) until they come back with the
   * result, or with the `RunError` that says what went wrong.
   */
  async run(pixels: Uint8Array<ArrayBuffer>, adapter: AdapterWeights): Promise<FrontEndResult> {
    const { grid, input } = this.geometry;
    const { form, feeds } = this.#prepare(adapter);
    const graph = await this.#graph(form);
    const { height, width } = this.#tiles?.sheet ?? grid;
    const frame = { pixels: { data: pixels, dims: [1, 3, height, width] } };
    const dims = [this.images, 3, input.height, input.width];
    const image = this.#spare.pop() ?? new Float32Array(dims.reduce((product, side) => product * side));
    const result = await graph.run(
      { ...frame, ...feeds },
      { transfer: ['pixels'], into: { image: { data: image, dims } } },
    );
    return {
      image: result.outputs['image']?.data as Float32Array<ArrayBuffer>,
      pixels: pixelsOf(result.feeds['pixels']?.data),
      milliseconds: result.milliseconds,
    };
  }

  /** Takes an image back that nobody will read any more. */
  release(image: Float32Array<ArrayBuffer>): void {
    this.#spare.push(image);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using graphs = new DisposeStack();
    for (const graph of this.#graphs.values()) {
      // Who asked for one that could not be loaded has been told.
      graphs.defer(() =>
        graph.then(
          (loaded) => loaded.release(),
          () => undefined,
        ),
      );
    }
    this.#graphs.clear();
  }

  #prepare(adapter: AdapterWeights): Prepared {
    const known = this.#prepared.get(adapter);
    if (known) return known;
    const merged =
      mergedMacs(this.geometry) < frontEndMacs(this.geometry) ? mergeAdapter(adapter, this.geometry) : undefined;
    const prepared: Prepared = merged
      ? { form: 'merged', feeds: merged }
      : { form: 'two convolutions', feeds: toTensors(adapter) };
    this.#prepared.set(adapter, prepared);
    return prepared;
  }

  #graph(form: Prepared['form']): Promise<Graph> {
    let graph = this.#graphs.get(form);
    if (graph === undefined) {
      const options = {
        geometry: this.geometry,
        tiles: this.#tiles,
        ...(this.#engine.report.device !== 'cpu' && { stripBytes: Infinity }),
      };
      graph = this.#engine.load(form === 'merged' ? mergedFrontEndModel(options) : frontEndModel(options));
      this.#graphs.set(form, graph);
      // The next run tries again.
      graph.catch(() => this.#graphs.delete(form));
    }
    return graph;
  }
}

/** The buffer that a failed run gives back, if the failure was the run's. */
export function pixelsOfFailure(error: unknown): Uint8Array<ArrayBuffer> | undefined {
  const data = error instanceof RunError ? error.feeds['pixels']?.data : undefined;
  return data instanceof Uint8Array ? data : undefined;
}

function pixelsOf(data: TensorData | undefined): Uint8Array<ArrayBuffer> {
  if (data instanceof Uint8Array) return data;
  throw new Error('the engine did not hand the pixels back');
}
