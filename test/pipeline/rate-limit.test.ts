import fc from 'fast-check';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { rateLimit } from '../../src/pipeline/rate-limit.ts';
import { virtualTime } from './marbles.ts';

describe('rateLimit', () => {
  it('should let every second value pass at half the rate, and report the others', () => {
    const time = virtualTime();
    time.run(({ hot, expectObservable, expectSubscriptions, flush }) => {
      const drops: string[] = [];
      const source$ = hot('ab-c-d-e|');
      const result$ = source$.pipe(
        rateLimit({ framesPerSecond: 400, clock: time, onDrop: (value) => drops.push(value) }),
      );
      // An interval is 2.5 ms: b is early by 1.5 ms, the others by half a millisecond at most.
      expectObservable(result$).toBe('a--c-d-e|');
      expectSubscriptions(source$.subscriptions).toBe('^-------!');
      flush();
      expect(drops).toEqual(['b']);
    });
  });

  it('should pass an error on', () => {
    const time = virtualTime();
    time.run(({ hot, expectObservable }) => {
      const result$ = hot('a-#').pipe(rateLimit({ framesPerSecond: 1, clock: time, onDrop: () => undefined }));
      expectObservable(result$).toBe('a-#');
    });
  });

  it('should let at most n + 1.5 values pass in n intervals, and drop none that keep the rate but for jitter', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 1, maxLength: 200 }), (gaps) => {
        let now = 0;
        const passed: number[] = [];
        const source$ = new Subject<number>();
        source$
          .pipe(rateLimit({ framesPerSecond: 100, clock: { now: () => now }, onDrop: () => undefined }))
          .subscribe((at) => passed.push(at));
        for (const gap of gaps) {
          now += gap;
          source$.next(now);
        }
        for (let i = 0; i < passed.length; i++) {
          for (let j = i; j < passed.length; j++) {
            expect(j - i + 1).toBeLessThanOrEqual((passed[j]! - passed[i]!) / 10 + 1.5 + 1e-9);
          }
        }
      }),
    );
    expect(passedOf(Array.from({ length: 100 }, () => 6))).toBeLessThanOrEqual(61.5);
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2.4, max: 2.4, noNaN: true }), { maxLength: 200 }), (jitter) => {
        let now = 0;
        let drops = 0;
        const source$ = new Subject<number>();
        source$.pipe(rateLimit({ framesPerSecond: 100, clock: { now: () => now }, onDrop: () => drops++ })).subscribe();
        jitter.forEach((offset, i) => {
          now = 10 * i + offset;
          source$.next(now);
        });
        expect(drops).toBe(0);
      }),
    );
  });
});

/** How many of the values with these gaps (milliseconds) pass at 100 a second. */
function passedOf(gaps: readonly number[]): number {
  let now = 0;
  let passed = 0;
  const source$ = new Subject<void>();
  source$
    .pipe(rateLimit({ framesPerSecond: 100, clock: { now: () => now }, onDrop: () => undefined }))
    .subscribe(() => passed++);
  for (const gap of gaps) {
    now += gap;
    source$.next();
  }
  return passed;
}
