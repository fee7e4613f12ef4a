import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import { Stopped } from '../domain/stop.ts';

/**
 * Like `switchMap`, but the inner observable before is asked to end and waited for, instead of
 * being cut off: what it has under way is still finished, and two are never there at once.
 *
 * ```
 * source   a-----b-c---------|
 * project  a: --1---2(asked at 6, ends at 9)|
 * result   --1---2--C…          c only: b was replaced while a ended
 * ```
 *
 * When the source completes, the last inner observable runs until it ends by itself.
 */
export function handOver<T, R>(
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  project: (value: T, asked: AbortSignal) => ObservableInput<R>,
): OperatorFunction<T, R> {
  return (source$) =>
    new Observable<R>((subscriber) => {
      let next: { readonly value: T } | undefined;
      let current: AbortController | undefined;
      let sourceDone = false;

      const proceed = () => {
        if (current) {
          if (next) current.abort(new Stopped('replaced'));
          return;
        }
        if (next) {
          const { value } = next;
          next = undefined;
          run(value);
        } else if (sourceDone) {
          subscriber.complete();
        }
      };

      const run = (value: T) => {
        const ending = new AbortController();
        current = ending;
        let inner$: Observable<R>;
        try {
          inner$ = from(project(value, ending.signal));
        } catch (error) {
          subscriber.error(error);
          return;
        }
        subscriber.add(
          inner$.subscribe({
            next: (result) => subscriber.next(result),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              current = undefined;
              proceed();
            },
          }),
        );
      };

      subscriber.add(
        source$.subscribe({
          next: (value) => {
            next = { value };
            proceed();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            sourceDone = true;
            proceed();
          },
        }),
      );
    });
}
