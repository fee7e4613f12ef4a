import {
  asyncScheduler,
  defer,
  filter,
  map,
  merge,
  NEVER,
  Observable,
  of,
  retry,
  switchMap,
  take,
  takeUntil,
  timer,
  type SchedulerLike,
} from 'rxjs';
import { Stopped, type StopReason } from '../domain/stop.ts';

/** What is wanted of a stream. */
export type Intent = 'run' | 'pause' | 'stop';

export interface SuperviseOptions {
  /** Emits the present intent when it is subscribed to, and every change. */
  readonly intent$: Observable<Intent>;
  /** Each value asks for a new attempt at once, whatever is going on. */
  readonly again$: Observable<unknown>;
  /** How long to wait after a failed attempt, milliseconds; `Infinity` waits until it is asked for. */
  readonly delayAfter: (error: unknown) => number;
  /** Nothing runs, because the intent is to pause. */
  readonly onPaused: () => void;
  readonly scheduler?: SchedulerLike;
}

/** What ends an attempt that is under way. */
const reasons: Readonly<Record<Intent | 'again', StopReason | undefined>> = {
  run: undefined,
  again: 'replaced',
  pause: 'paused',
  stop: 'shutdown',
};

/** An attempt that was ended from here has not failed. */
class Interrupted extends Error {}

/**
 * Keeps a source going: after a failed attempt the next one follows after a delay, for ever.
 *
 * ```
 * attempt   --a-b-#           --a-b-|
 * delay           ------
 * result    --a-b---------------a-b-|
 * ```
 *
 * An attempt that completes by itself is the end. To pause, to stop and to begin anew, the
 * attempt's signal is aborted; it should finish what it has under way and then complete or fail,
 * and is waited for. A wait is cut short by `again$`, by a pause that ends, and by a stop.
 */
export function supervise<T>(
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  attempt: (interrupted: AbortSignal) => Observable<T>,
  { intent$, again$, delayAfter, onPaused, scheduler = asyncScheduler }: SuperviseOptions,
): Observable<T> {
  const stopped$ = intent$.pipe(filter((intent) => intent === 'stop'));
  /** Emits when the next attempt is due; completes without when there shall be none. */
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  const due = (delayMs: number): Observable<unknown> =>
    intent$.pipe(
      switchMap((intent, index) => {
        if (intent === 'pause') return paused$;
        // Whoever resumes does not want to wait for the rest of a back-off.
        const wait$ = index > 0 || delayMs === 0 ? of(0) : delayMs === Infinity ? NEVER : timer(delayMs, scheduler);
        return merge(again$, wait$);
      }),
      take(1),
      takeUntil(stopped$),
    );
  const paused$ = defer(() => {
    onPaused();
    return NEVER;
  });
  const attempt$ = new Observable<T>((subscriber) => {
    const interrupting = new AbortController();
    subscriber.add(
      merge(again$.pipe(map(() => 'again' as const)), intent$).subscribe({
        next: (asked) => {
          const reason = reasons[asked];
          if (reason !== undefined) interrupting.abort(new Stopped(reason));
        },
        error: (error: unknown) => subscriber.error(error),
      }),
    );
    subscriber.add(
      attempt(interrupting.signal).subscribe({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => subscriber.error(interrupting.signal.aborted ? new Interrupted() : error),
        complete: () => {
          if (interrupting.signal.aborted) subscriber.error(new Interrupted());
          else subscriber.complete();
        },
      }),
    );
  });
  return due(0).pipe(
    switchMap(() =>
      attempt$.pipe(retry({ delay: (error: unknown) => due(error instanceof Interrupted ? 0 : delayAfter(error)) })),
    ),
  );
}
