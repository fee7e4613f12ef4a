import fc from 'fast-check';
import { from, timer, VirtualTimeScheduler } from 'rxjs';
import { map, tap } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { losslessMap } from '../../src/pipeline/lossless-map.ts';
import { virtualTime } from './marbles.ts';

const noDrop = (value: unknown) => {
  throw new Error(`nothing may be dropped, ${String(value)} was`);
};

describe('losslessMap', () => {
  it('should keep the order of the source and run no more than `concurrency` at a time', () => {
    virtualTime().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const inners = { a: cold('-----A|'), b: cold('-B|'), c: cold('-C|') };
      const source$ = hot<keyof typeof inners>('abc-------|');
      const result$ = source$.pipe(losslessMap((value) => inners[value], 2, noDrop));
      expectObservable(result$).toBe('           -----A(BC)|');
      expectSubscriptions(inners.a.subscriptions).toBe('^-----!');
      expectSubscriptions(inners.b.subscriptions).toBe('-^-!');
      expectSubscriptions(inners.c.subscriptions).toBe('---^-!');
    });
  });

  it('should emit values of the oldest as they come', () => {
    virtualTime().run(({ hot, cold, expectObservable }) => {
      const source$ = hot('a---|');
      expectObservable(source$.pipe(losslessMap(() => cold('x-y-|'), 4, noDrop))).toBe('x-y-|');
    });
  });

  it.each([
    ['unsubscribed from', 'abc', '--------x|', '---!', '---'],
    ['failed by an inner one', 'abc', '---#', '', '---#'],
    ['failed by the source', 'abc#', '--------x|', '', '---#'],
  ])('should report the values that wait when it is %s', (_, source, inner, unsubscribe, expected) => {
    virtualTime().run(({ hot, cold, expectObservable, flush }) => {
      const drops: string[] = [];
      const result$ = hot(source).pipe(
        losslessMap(
          () => cold(inner),
          1,
          (value) => drops.push(value),
        ),
      );
      expectObservable(result$, unsubscribe || undefined).toBe(expected);
      flush();
      expect(drops).toEqual(['b', 'c']);
    });
  });

  it('should lose nothing and keep the order for any durations and concurrency', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), (works, concurrency) => {
        const scheduler = new VirtualTimeScheduler();
        let running = 0;
        let most = 0;
        const project = (index: number) => {
          most = Math.max(most, ++running);
          return timer(works[index] ?? 0, scheduler).pipe(
            tap(() => running--),
            map(() => index),
          );
        };
        const results: number[] = [];
        let complete = false;
        from(works.keys())
          .pipe(losslessMap(project, concurrency, noDrop))
          .subscribe({ next: (index) => results.push(index), complete: () => (complete = true) });
        scheduler.flush();
        expect(results).toEqual([...works.keys()]);
        expect(complete).toBe(true);
        expect(most).toBe(Math.min(concurrency, works.length));
      }),
      { numRuns: 200 },
    );
  });
});
