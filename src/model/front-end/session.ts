/** A front end on an engine: the decoder's bytes in, the classifier's image out. */
import { RunError, type Engine, type Graph, type TensorData } from '../../engine/engine.ts';
import { encodeModel } from '../../onnx/wire.ts';
import { chooseForm, type FormRequest } from './form.ts';

export interface FrontEndResult {
  /** float32 [3, height, width] of the classifier's input, R, G, B from 0 up, for each tile; `release` it after use. */
  readonly image: Float32Array<ArrayBuffer>;
  /** The frame's buffer, to be given back to its source. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Time inside the session, milliseconds. */
  readonly milliseconds: number;
}

type SessionRequest = Pick<FormRequest, 'geometry' | 'tiles' | 'adapter'>;

/** Of one adapter for one geometry and its tiles, shared by all streams that have the same. */
export class FrontEndSession implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #dims: { readonly pixels: readonly number[]; readonly image: readonly number[] };
  /** Images that nobody uses: without them half a megabyte per frame would be garbage. */
  readonly #spare: Float32Array<ArrayBuffer>[] = [];

  private constructor(graph: Graph, { geometry: { grid, input }, tiles }: SessionRequest) {
    this.#graph = graph;
    const { height, width } = tiles?.sheet ?? grid;
    this.#dims = {
      pixels: [1, 3, height, width],
      image: [tiles?.corners.length ?? 1, 3, input.height, input.width],
    };
  }

  /** A graph of a few kilobytes, made for this adapter. */
  static async load(engine: Engine, request: SessionRequest): Promise<FrontEndSession> {
    const form = chooseForm({ ...request, forCpu: engine.report.device === 'cpu' });
    return new FrontEndSession(await engine.load(encodeModel(form.graph())), request);
  }

  /**
   * Takes ownership of `pixels` (three planes of the size of the grid, or of the tiles' sheet) until they come back with the
   * result, or with the `RunError` that says what went wrong.
   */
  async run(pixels: Uint8Array<ArrayBuffer>): Promise<FrontEndResult> {
    const { pixels: pixelDims, image: imageDims } = this.#dims;
    const image = this.#spare.pop() ?? new Float32Array(imageDims.reduce((product, side) => product * side));
    const result = await this.#graph.run(
      { pixels: { data: pixels, dims: pixelDims } },
      { transfer: ['pixels'], into: { image: { data: image, dims: imageDims } } },
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
    await this.#graph.release();
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
