import { concat, fromEvent, map, NEVER, of, take, takeUntil, timer, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { stopReason } from '../../src/domain/stop.ts';
import { handOver } from '../../src/pipeline/hand-over.ts';
import { virtualTime } from './marbles.ts';

/** Says that it has begun; when it is asked to end, it says so `ms` later and completes. */
function slow(value: string, asked: AbortSignal, ms = 3): Observable<string> {
  const begun$ = concat(of(value), NEVER);
  const ended$ = fromEvent(asked, 'abort').pipe(take(1));
  return concat(begun$.pipe(takeUntil(ended$)), timer(ms).pipe(map(() => value.toUpperCase())));
}

describe('handOver', () => {
  it('should wait for the one before, which is asked to end', () => {
    virtualTime().run(({ hot, expectObservable }) => {
      const source$ = hot('                a-----b-----');
      expectObservable(source$.pipe(handOver(slow))).toBe('a--------(Ab)');
    });
  });

  it('should say that another has taken its place', () => {
    const signals: AbortSignal[] = [];
    const subscription = of('a', 'b')
      .pipe(handOver((_, asked) => (signals.push(asked), NEVER)))
      .subscribe();
    expect(signals.map(stopReason)).toEqual(['replaced']);
    subscription.unsubscribe();
  });

  it('should skip what was replaced while the one before ended', () => {
    virtualTime().run(({ hot, expectObservable }) => {
      const source$ = hot('                a-----bc----');
      expectObservable(source$.pipe(handOver(slow))).toBe('a--------(Ac)');
    });
  });

  it('should let the last one run when the source completes, and complete with it', () => {
    virtualTime().run(({ hot, cold, expectObservable }) => {
      const source$ = hot('                            a-|');
      const inner$ = cold('                            ----x-|');
      expectObservable(source$.pipe(handOver(() => inner$))).toBe('----x-|');
    });
  });

  it('should fail where the next one cannot be begun, and end the source', () => {
    virtualTime().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(' a-----b-----');
      const cannot = (value: string, asked: AbortSignal) => {
        if (value === 'b') throw new Error('no place');
        return slow(value, asked);
      };
      expectObservable(source$.pipe(handOver(cannot))).toBe('a--------(A#)', undefined, new Error('no place'));
      expectSubscriptions(source$.subscriptions).toBe('^--------!');
    });
  });

  it('should end the present one when it is unsubscribed from', () => {
    virtualTime().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source$ = hot(' a------');
      const inner$ = cold(' -------');
      expectObservable(source$.pipe(handOver(() => inner$)), '---!').toBe('----');
      expectSubscriptions(inner$.subscriptions).toBe('^--!');
    });
  });
});
