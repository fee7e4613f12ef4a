/** The engine port on onnxruntime-node, its sessions in a worker thread. */
import { Worker, type Transferable } from 'node:worker_threads';
import {
  RunError,
  type DeviceReport,
  type DeviceRequest,
  type Engine,
  type Graph,
  type RunResult,
  type Tensors,
} from '../engine.ts';
import { chooseDevice } from './devices.ts';
import type { Answer, Request, WorkerSettings } from './protocol.ts';

export interface OnnxruntimeOptions {
  readonly device?: DeviceRequest;
  /** Threads inside one operator; by default the number of cores. */
  readonly threads?: number;
}

/**
 * Starts the worker of a device.
 *
 * Throws a `UserError` where the device that was asked for is not there. Once the worker has
 * died (a crash in native code, for example) every further call rejects with the reason.
 */
export async function onnxruntimeEngine(options: OnnxruntimeOptions = {}): Promise<Engine> {
  const report = await chooseDevice(options.device ?? 'auto', options.threads);
  return new OnnxruntimeEngine(report);
}

/** Requests before they are given their id. */
type Unsent = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;
type AnswerOf<K extends Answer['kind']> = Extract<Answer, { kind: K }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

class OnnxruntimeEngine implements Engine {
  readonly report: DeviceReport;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #dead: Error | undefined;

  constructor(report: DeviceReport) {
    this.report = report;
    const settings: WorkerSettings = { device: report.device, threads: report.threads };
    this.#worker = startWorker(settings);
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#die(new Error(`the ${report.device} worker failed`, { cause: error })));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#die(new Error(`the ${report.device} worker has ended (code ${code})`));
        resolve();
      });
    });
  }

  async load(model: string | Uint8Array): Promise<Graph> {
    const { graph, inputNames, outputNames } = await this.#ask({ kind: 'load', model }, 'loaded');
    let released = false;
    return {
      inputNames,
      outputNames,
      run: (feeds, { fetches = outputNames, transfer = [] } = {}): Promise<RunResult> => {
        if (released) return Promise.reject(new Error('this graph has been released: load it again to run it'));
        const buffers = transfer.map((name) => bufferOf(feeds, name));
        return this.#ask({ kind: 'run', graph, feeds, fetches, handBack: transfer }, 'ran', buffers);
      },
      release: async () => {
        if (released) return;
        released = true;
        await this.#ask({ kind: 'release', graph }, 'released');
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#dead !== undefined) return;
    // Never `terminate`: a thread that is stopped inside native code takes the process with it.
    const closed = this.#ask({ kind: 'close' }, 'closed');
    this.#dead = new Error('the engine has been closed');
    await closed;
    await this.#exited;
  }

  #ask<K extends Answer['kind']>(request: Unsent, kind: K, transfer: Transferable[] = []): Promise<AnswerOf<K>> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        resolve: (answer) => {
          if (answer.kind === 'failed') reject(new RunError(answer.message, answer.feeds));
          else if (answer.kind === kind) resolve(answer as AnswerOf<K>);
          else reject(new Error(`the worker answered ${answer.kind} where ${kind} was expected`));
        },
        reject,
      });
      this.#worker.postMessage({ ...request, id }, transfer);
    });
  }

  #settle(answer: Answer): void {
    this.#pending.get(answer.id)?.resolve(answer);
    this.#pending.delete(answer.id);
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#dead);
    this.#pending.clear();
  }
}

function startWorker(settings: WorkerSettings): Worker {
  const options = { workerData: settings };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options);
  // From source the worker is TypeScript, and Node 20 needs the loader that the tests run under.
  const source = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const script = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); })`;
  return new Worker(script, { ...options, eval: true });
}

function bufferOf(feeds: Tensors, name: string): ArrayBuffer {
  const tensor = feeds[name];
  if (tensor === undefined) throw new Error(`feed ${name} is to be transferred but is not among the feeds`);
  return tensor.data.buffer;
}
