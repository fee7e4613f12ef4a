import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';

/** One projected value: what it has emitted while an earlier one still runs. */
interface Entry<R> {
  readonly results: R[];
  done: boolean;
}

/**
 * Projects every value, up to `concurrency` at a time, and emits the results in the order of the
 * source, whichever inner observable is the first to answer.
 *
 * ```
 * source       abc-------|
 * project      a: ----A|   b: -B|   c: -C|
 * concurrency 2
 * result       ----(AB)C--|     B waits for A, c for a place
 * ```
 *
 * `mergeMap` would emit B first; `concatMap` would run one at a time and starve a batcher.
 * Values that come while all places are taken wait without a bound: the source must hold back
 * by itself (a file's decoder has a fixed number of frame buffers). `onDrop` is given those that
 * still wait when the result is unsubscribed from or fails.
 *
 * @param concurrency whole number of at least 1
 * @see latestMap for sources that cannot hold back
 */
export function losslessMap<T, R>(
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  project: (value: T) => ObservableInput<R>,
  concurrency: number,
  onDrop: (value: NoInfer<T>) => void,
): OperatorFunction<T, R> {
  return (source$) =>
    new Observable<R>((subscriber) => {
      const waiting: T[] = [];
      const entries: Entry<R>[] = [];
      let running = 0;
      let sourceDone = false;

      subscriber.add(() => {
        for (const value of waiting.splice(0)) onDrop(value);
      });

      /** Emits what the oldest entries have, as far as order allows. */
      const emit = () => {
        for (let head = entries[0]; head; head = entries[0]) {
          while (head.results.length > 0) subscriber.next(head.results.shift() as R);
          // Re-entrant emissions may have gone further already.
          if (!head.done || entries[0] !== head) return;
          entries.shift();
        }
      };

      const start = () => {
        while (running < concurrency && waiting.length > 0 && !subscriber.closed) run(waiting.shift() as T);
        if (sourceDone && running === 0 && waiting.length === 0) subscriber.complete();
      };

      const run = (value: T) => {
        const entry: Entry<R> = { results: [], done: false };
        entries.push(entry);
        running++;
        let inner$: Observable<R>;
        try {
          inner$ = from(project(value));
        } catch (error) {
          subscriber.error(error);
          return;
        }
        let synchronous = true;
        subscriber.add(
          inner$.subscribe({
            next: (result) => {
              entry.results.push(result);
              emit();
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              entry.done = true;
              running--;
              emit();
              // Within the loop of `start` it goes on there.
              if (!synchronous) start();
            },
          }),
        );
        synchronous = false;
      };

      subscriber.add(
        source$.subscribe({
          next: (value) => {
            // A source that emits while it is being subscribed to cannot be told to stop.
            if (subscriber.closed) {
              onDrop(value);
              return;
            }
            waiting.push(value);
            start();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            sourceDone = true;
            start();
          },
        }),
      );
    });
}
