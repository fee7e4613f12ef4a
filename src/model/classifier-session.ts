/** The frozen classifier on an engine: images in, logits out, several at a time. */
import type { Size } from '../domain/frame.ts';
import { RunError, type Engine, type Graph } from '../engine/engine.ts';

/** What the session needs to know of a bundle. */
export interface ClassifierModel {
  readonly modelPath: string;
  readonly inputName: string;
  readonly outputName: string;
  readonly input: Size;
}

export interface Classified {
  /** One array of raw outputs for each image. */
  readonly logits: readonly Float32Array[];
  /** Time inside the session, milliseconds. */
  readonly milliseconds: number;
}

export class ClassifierSession implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #model: ClassifierModel;
  /** Batch buffers by length, handed back by the engine after each run. */
  readonly #spare = new Map<number, Float32Array<ArrayBuffer>[]>();

  private constructor(graph: Graph, model: ClassifierModel) {
    this.#graph = graph;
    this.#model = model;
  }

  static async load(engine: Engine, model: ClassifierModel): Promise<ClassifierSession> {
    return new ClassifierSession(await engine.load(model.modelPath), model);
  }

  /**
   * Classifies a batch.
   *
   * Input: each image float32 [3, height, width], values 0 to 1; they are copied.
   * Output: the logits in the order of the images.
   */
  async classify(images: readonly Float32Array[]): Promise<Classified> {
    const { inputName, outputName, input } = this.#model;
    const length = 3 * input.height * input.width;
    const data = this.#take(images.length * length);
    images.forEach((image, i) => data.set(image, i * length));
    const { outputs, feeds, milliseconds } = await this.#graph
      .run(
        { [inputName]: { data, dims: [images.length, 3, input.height, input.width] } },
        { fetches: [outputName], transfer: [inputName] },
      )
      .catch((error: unknown) => {
        if (error instanceof RunError) this.#give(error.feeds[inputName]?.data);
        throw error;
      });
    this.#give(feeds[inputName]?.data);
    const all = outputs[outputName]?.data as Float32Array;
    const width = all.length / images.length;
    return { logits: images.map((_, i) => all.slice(i * width, (i + 1) * width)), milliseconds };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#graph.release();
  }

  #take(length: number): Float32Array<ArrayBuffer> {
    return this.#spare.get(length)?.pop() ?? new Float32Array(length);
  }

  #give(data: unknown): void {
    // One that was lost with its worker is empty.
    if (!(data instanceof Float32Array) || data.length === 0) return;
    const spare = this.#spare.get(data.length) ?? [];
    spare.push(data as Float32Array<ArrayBuffer>);
    this.#spare.set(data.length, spare);
  }
}
