/** A worker thread with sessions in it, seen from the main thread. */
import type { Transferable, Worker } from 'node:worker_threads';
import { closeBeforeExit } from '../../domain/before-exit.ts';
import { startThread } from '../../domain/thread.ts';
import { RunError } from '../engine.ts';
import type { Answer, Request, WorkerSettings } from './protocol.ts';

/** Requests before they are given their id. */
type Unsent = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;
type AnswerOf<K extends Answer['kind']> = Extract<Answer, { kind: K }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Requests are answered in their order. Once the worker has died (a crash in native code, for
 * example) every further request rejects with the reason.
 */
export class SessionWorker {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #dead: Error | undefined;

  constructor(settings: WorkerSettings) {
    this.#worker = startThread(import.meta.url, 'worker', settings);
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#die(new Error(`the ${settings.device} worker failed`, { cause: error })));
    const forget = closeBeforeExit(() => this.close());
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        forget();
        this.#die(new Error(`the ${settings.device} worker has ended (code ${code})`));
        resolve();
      });
    });
  }

  /** Requests that have no answer yet. */
  get outstanding(): number {
    return this.#pending.size;
  }

  async close(): Promise<void> {
    if (this.#dead !== undefined) return this.#exited;
    // Never `terminate`: a thread that is stopped inside native code takes the process with it.
    const closed = this.ask({ kind: 'close' }, 'closed');
    this.#dead = new Error('the engine has been closed');
    await closed;
    await this.#exited;
  }

  /** What is named in `transfer` is the caller's still where a request could not be sent. */
  ask<K extends Answer['kind']>(request: Unsent, kind: K, transfer: Transferable[] = []): Promise<AnswerOf<K>> {
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
      try {
        this.#worker.postMessage({ ...request, id }, transfer);
      } catch (error) {
        this.#pending.delete(id);
        reject(new Error('the request could not be sent to the worker', { cause: error }));
      }
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
