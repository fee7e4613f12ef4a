import {
  asyncScheduler,
  from,
  Observable,
  type ObservableInput,
  type SchedulerLike,
  type Subscriber,
  type Subscription,
} from 'rxjs';
import { FairQueue } from './fair-queue.ts';

export interface BatcherOptions<T, R> {
  /** Runs one batch; emits once: one result per value, in the order of the values. */
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  readonly project: (values: readonly T[]) => ObservableInput<readonly R[]>;
  /** The most values in a batch, at least 1. */
  readonly size: number;
  /** How long a value waits for company while the device is free, milliseconds; 0: not at all. */
  readonly maxWaitMs: number;
  /** Batches that run at the same time, at least 1. */
  readonly inFlight: number;
  readonly scheduler?: SchedulerLike;
  /** Told of the size of every batch when it starts. */
  readonly onBatch?: (size: number) => void;
}

interface Request<T, R> {
  readonly stream: string;
  readonly value: T;
  readonly submittedAt: number;
  readonly subscriber: Subscriber<R>;
}

/**
 * Puts the values of many streams together into batches for one device, and gives each its own
 * result back.
 *
 * ```
 * cam1.submit  a-----------
 * cam2.submit  -b----------        size 4, maxWaitMs 0, inFlight 1
 * cam3.submit  --c---------
 * project      [a]--|              the device was free: a goes at once
 *                 [b,c]--|         what had come meanwhile goes together
 * ```
 *
 * Work-conserving: a free device never waits, unless `maxWaitMs` says so, and then no longer than
 * until the oldest value has waited that long or the batch is full. Fair: the streams take turns,
 * so none has two places in a batch while another waits.
 *
 * The queue is as long as what the callers have outstanding, so it is bounded by `latestMap` or
 * `losslessMap` around `submit`, which is where back-pressure belongs.
 */
export class Batcher<T, R> {
  readonly #options: BatcherOptions<T, R>;
  readonly #scheduler: SchedulerLike;
  readonly #queue = new FairQueue<Request<T, R>>();
  #running = 0;
  #timer: Subscription | undefined;

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? asyncScheduler;
  }

  /** Values that wait for a place in a batch. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Batches that run now. */
  get running(): number {
    return this.#running;
  }

  /**
   * Cold: subscribing puts `value` into the queue. Emits its result and completes, or fails with
   * the error of its batch. Unsubscribing while it waits takes it out again; once its batch runs,
   * the device cannot be stopped and the result is thrown away when it lands.
   */
  submit(stream: string, value: T): Observable<R> {
    return new Observable((subscriber) => {
      const request = { stream, value, submittedAt: this.#scheduler.now(), subscriber };
      this.#queue.push(request);
      subscriber.add(() => this.#queue.remove(request));
      this.#dispatch();
    });
  }

  #dispatch(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    while (this.#running < this.#options.inFlight && this.#queue.size > 0) {
      const wait = this.#remainingWait();
      if (wait > 0) {
        this.#timer = this.#scheduler.schedule(() => this.#dispatch(), wait);
        return;
      }
      this.#run(this.#queue.take(this.#options.size));
    }
  }

  /** Milliseconds that the batch may still wait for company. */
  #remainingWait(): number {
    const { size, maxWaitMs } = this.#options;
    if (maxWaitMs <= 0 || this.#queue.size >= size) return 0;
    const waited = this.#scheduler.now() - (this.#queue.oldest()?.submittedAt ?? 0);
    // A wall clock that is set back must not make it longer.
    return maxWaitMs - Math.max(0, waited);
  }

  #run(batch: readonly Request<T, R>[]): void {
    this.#running++;
    this.#options.onBatch?.(batch.length);
    let settled = false;
    const settle = (answer: (request: Request<T, R>, index: number) => void) => {
      if (settled) return;
      settled = true;
      // Answers first: the values that they bring about can still join the next batch.
      batch.forEach(answer);
      this.#running--;
      this.#dispatch();
    };
    const fail = (error: unknown) => settle(({ subscriber }) => subscriber.error(error));
    // eslint-disable-next-line rxjs-x/no-ignored-subscription -- a device cannot be stopped in the middle of a batch
    this.#results(batch).subscribe({
      next: (results) => {
        if (results.length !== batch.length) {
          fail(new Error(`a batch of ${batch.length} must have ${batch.length} results, it has ${results.length}`));
          return;
        }
        settle(({ subscriber }, index) => {
          subscriber.next(results[index] as R);
          subscriber.complete();
        });
      },
      error: fail,
      complete: () => fail(new Error(`a batch of ${batch.length} ended without results`)),
    });
  }

  #results(batch: readonly Request<T, R>[]): Observable<readonly R[]> {
    try {
      return from(this.#options.project(batch.map(({ value }) => value)));
    } catch (error) {
      return new Observable((subscriber) => subscriber.error(error));
    }
  }
}
