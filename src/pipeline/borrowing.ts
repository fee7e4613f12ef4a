import { Observable, Subscription } from 'rxjs';

/**
 * Takes something, uses it as long as it is subscribed to, and gives it back exactly once: when what
 * uses it has ended, failed or been unsubscribed from, and also where that was before it came.
 */
export function borrowing$<T, R>(
  take: () => Promise<T>,
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  use: (taken: T) => Observable<R>,
  giveBack: (taken: T) => void,
): Observable<R> {
  return new Observable<R>((subscriber) => {
    const using = new Subscription();
    take()
      .then((taken) => {
        // After the use: teardowns run in the order in which they were added, and at once where it is over.
        try {
          if (!subscriber.closed) using.add(use(taken).subscribe(subscriber));
        } finally {
          using.add(() => giveBack(taken));
        }
      })
      .catch((error: unknown) => subscriber.error(error));
    return using;
  });
}
