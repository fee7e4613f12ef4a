import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';

/**
 * Projects one value at a time; while an inner observable runs, only the newest value waits.
 *
 * ```
 * source   a-b-c-d------|
 * project  a: ---A|
 * result   ---A-----D----…     c took b's place, d took c's
 * onDrop   ----b-c              in the order in which they were replaced
 * ```
 *
 * Every value is either given to `project`, which then owns it, or reported to `onDrop`, exactly
 * once: when a newer one replaces it, and when the result is unsubscribed from or fails while it
 * waits. A source that completes lets the waiting value be projected still.
 *
 * Unlike `exhaustMap`, which keeps the oldest, latency is at most one inner observable's duration
 * and the last value of a source is never lost.
 *
 * @see losslessMap
 */
export function latestMap<T, R>(
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  project: (value: T) => ObservableInput<R>,
  onDrop: (value: NoInfer<T>) => void,
): OperatorFunction<T, R> {
  return (source$) =>
    new Observable<R>((subscriber) => {
      let waiting: { readonly value: T } | undefined;
      let running = false;
      let sourceDone = false;

      // First of the teardowns, so that it runs before an inner one can ask for the next value.
      subscriber.add(() => {
        const dropped = waiting;
        waiting = undefined;
        if (dropped) onDrop(dropped.value);
      });

      const next = () => {
        // A loop: inner observables that complete at once would otherwise nest without end.
        while (!running && waiting && !subscriber.closed) {
          const { value } = waiting;
          // Emptied first: what `project` emits may bring the next value about.
          waiting = undefined;
          run(value);
        }
        if (sourceDone && !running && !waiting) subscriber.complete();
      };

      const run = (value: T) => {
        let inner$: Observable<R>;
        try {
          inner$ = from(project(value));
        } catch (error) {
          subscriber.error(error);
          return;
        }
        let synchronous = true;
        running = true;
        subscriber.add(
          inner$.subscribe({
            next: (result) => subscriber.next(result),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              running = false;
              if (!synchronous) next();
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
            const replaced = waiting;
            waiting = { value };
            if (replaced) onDrop(replaced.value);
            next();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            sourceDone = true;
            next();
          },
        }),
      );
    });
}
