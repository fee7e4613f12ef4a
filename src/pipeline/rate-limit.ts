import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import type { Clock } from '../domain/clock.ts';

export interface RateLimitOptions<T> {
  /** Above 0. */
  readonly framesPerSecond: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly onDrop: (value: T) => void;
}

/** Part of an interval by which a value may be early, so that jitter at the allowed rate drops nothing. */
const tolerance = 0.5;

/**
 * Lets no more than `framesPerSecond` pass; the others are reported to `onDrop` at once. For
 * cameras whose timestamps go wrong and that then deliver a flood.
 *
 * ```
 * source   ab-c-d-e-f    one a tick, allowed one in two ticks
 * result   a--c---e--
 * onDrop   -b---d---f
 * ```
 *
 * The generic cell rate algorithm (ITU-T I.371): each value that passes is due `1/rate` after the
 * one before, or now if that is later; a value that is early by more than half an interval is
 * dropped. Over n intervals at most n + 1.5 values pass, however they come.
 */
export function rateLimit<T>({ framesPerSecond, clock, onDrop }: RateLimitOptions<T>): MonoTypeOperatorFunction<T> {
  const intervalMs = 1000 / framesPerSecond;
  return (source$) =>
    new Observable((subscriber) => {
      let dueAt = -Infinity;
      return source$.subscribe({
        next: (value) => {
          const now = clock.now();
          if (now < dueAt - tolerance * intervalMs) {
            onDrop(value);
            return;
          }
          dueAt = Math.max(dueAt, now) + intervalMs;
          subscriber.next(value);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
