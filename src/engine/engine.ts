/**
 * The port to whatever runs ONNX graphs. Sessions never run on the thread that calls: an
 * implementation keeps them in a worker, so the event loop stays free during an inference.
 */

/** What the user asks for. `auto` takes the best that is there and says which, and why. */
export const deviceRequests = ['auto', 'cpu', 'webgpu', 'cuda', 'tensorrt'] as const;

export type DeviceRequest = (typeof deviceRequests)[number];
export type Device = Exclude<DeviceRequest, 'auto'>;

/** What a session really runs on. */
export interface DeviceReport {
  readonly device: Device;
  /** Name of the hardware where it is known, for example of the CPU or the GPU. */
  readonly name: string;
  /** Why this device: asked for, or what `auto` found. */
  readonly reason: string;
  readonly threads: number;
  /** Runs that proceed at the same time; more wait for their turn. */
  readonly parallelRuns: number;
}

export type TensorData = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/** A dense, row-major tensor; the type follows from `data`. */
export interface Tensor {
  readonly data: TensorData;
  readonly dims: readonly number[];
}

export type Tensors = Readonly<Record<string, Tensor>>;

export interface RunResult {
  readonly outputs: Tensors;
  /** The feeds' buffers, handed back for reuse. */
  readonly feeds: Tensors;
  /** Time inside the session, milliseconds, without queueing. */
  readonly milliseconds: number;
}

/**
 * A run that failed; the feeds that had been transferred come back with it. Where they are lost (the
 * worker died with them) these are the caller's own, empty.
 */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly feeds: Tensors;

  constructor(message: string, feeds: Tensors, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.feeds = feeds;
  }
}

export interface RunOptions {
  readonly fetches?: readonly string[];
  readonly transfer?: readonly string[];
  readonly into?: Tensors;
}

/** A loaded graph. */
export interface Graph {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once.
   *
   * The feeds named in `transfer` are moved to the engine: the caller must not touch their
   * buffers until they come back in `RunResult.feeds`. All others are copied.
   * `fetches` limits the outputs; by default all are returned. Those named in `into` are written
   * into the buffers given there, which are moved to the engine too and come back as the outputs:
   * a large output that is not allocated anew for every run. Rejects with a `RunError`.
   */
  run(feeds: Tensors, options?: RunOptions): Promise<RunResult>;
  /** Frees the session. A run after it is an error. */
  release(): Promise<void>;
}

export interface Engine extends AsyncDisposable {
  readonly report: DeviceReport;
  /** Loads a graph from a file, or from the bytes of an ONNX model. */
  load(model: string | Uint8Array): Promise<Graph>;
}
