import { Observable } from 'rxjs';
import { Stopped } from '../domain/stop.ts';

/** The result of asynchronous work that can be stopped; unsubscribing aborts its signal. */
export function fromAbortable<T>(work: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const abort = new AbortController();
    subscriber.add(() => abort.abort(new Stopped('closed')));
    work(abort.signal).then(
      (value) => {
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}
