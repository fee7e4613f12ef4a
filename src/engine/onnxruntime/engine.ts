/** The engine port on onnxruntime-node, its sessions in worker threads. */
import {
  RunError,
  type DeviceReport,
  type DeviceRequest,
  type Engine,
  type Graph,
  type RunResult,
  type Tensors,
} from '../engine.ts';
import { chooseDevice, type ChosenDevice } from './devices.ts';
import { SessionWorker } from './session-worker.ts';

export interface OnnxruntimeOptions {
  readonly device?: DeviceRequest;
  /** Threads for operators, of all workers together; by default the number of cores. */
  readonly threads?: number;
  /**
   * The most runs at the same time on a CPU, each on its share of the threads; default 1. Many
   * frames are sooner through on two workers of one thread than on one of two, since no operator
   * waits for its slowest thread; but each graph is in memory once for each worker.
   */
  readonly workers?: number;
}

/** Throws a `UserError` where the device that was asked for is not there. */
export async function onnxruntimeEngine({ device, threads, workers = 1 }: OnnxruntimeOptions = {}): Promise<Engine> {
  const report = await chooseDevice(device ?? 'auto', threads);
  return new OnnxruntimeEngine(report, report.device === 'cpu' ? Math.min(workers, report.threads) : 1);
}

class OnnxruntimeEngine implements Engine {
  readonly report: DeviceReport;
  readonly #workers: readonly SessionWorker[];

  constructor(report: ChosenDevice, workers: number) {
    this.report = { ...report, parallelRuns: workers };
    const threads = Math.floor(report.threads / workers);
    this.#workers = Array.from({ length: workers }, () => new SessionWorker({ device: report.device, threads }));
  }

  async load(model: string | Uint8Array): Promise<Graph> {
    const loaded = await this.#loaded(model);
    const [first] = loaded;
    if (first === undefined) throw new Error('an engine has at least one worker');
    const { inputNames, outputNames } = first;
    let released = false;
    return {
      inputNames,
      outputNames,
      run: async (feeds, { fetches = outputNames, transfer = [], into = {} } = {}): Promise<RunResult> => {
        const handed = Object.entries(feeds).filter(([name]) => transfer.includes(name));
        try {
          if (released) throw new Error('this graph has been released: load it again to run it');
          const buffers = [
            ...transfer.map((name) => bufferOf(feeds, name)),
            ...Object.values(into).map(({ data }) => data.buffer),
          ];
          const { worker, graph } = loaded.reduce((a, b) => (b.worker.outstanding < a.worker.outstanding ? b : a));
          return await worker.ask({ kind: 'run', graph, feeds, fetches, into, handBack: transfer }, 'ran', buffers);
        } catch (error) {
          if (error instanceof RunError) throw error;
          throw new RunError(error instanceof Error ? error.message : String(error), Object.fromEntries(handed), {
            cause: error,
          });
        }
      },
      release: async () => {
        if (released) return;
        released = true;
        await Promise.all(loaded.map(({ worker, graph }) => worker.ask({ kind: 'release', graph }, 'released')));
      },
    };
  }

  /** By every worker, or, where one cannot, by none. */
  async #loaded(model: string | Uint8Array) {
    const loads = await Promise.allSettled(
      this.#workers.map(async (worker) => ({ worker, ...(await worker.ask({ kind: 'load', model }, 'loaded')) })),
    );
    const loaded = loads.flatMap((load) => (load.status === 'fulfilled' ? [load.value] : []));
    const failed = loads.find((load) => load.status === 'rejected');
    if (!failed) return loaded;
    await Promise.all(loaded.map(({ worker, graph }) => worker.ask({ kind: 'release', graph }, 'released')));
    throw failed.reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

function bufferOf(feeds: Tensors, name: string): ArrayBuffer {
  const tensor = feeds[name];
  if (tensor === undefined) throw new Error(`feed ${name} is to be transferred but is not among the feeds`);
  return tensor.data.buffer;
}
