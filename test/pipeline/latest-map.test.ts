import fc from 'fast-check';
import {
  concat,
  EMPTY,
  from,
  NEVER,
  of,
  Subject,
  throwError,
  timer,
  VirtualTimeScheduler,
  type Observable,
} from 'rxjs';
import { concatMap, map, take } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { latestMap } from '../../src/pipeline/latest-map.ts';
import { virtualTime } from './marbles.ts';

describe('latestMap', () => {
  it('should keep only the newest waiting value and report those it replaced', () => {
    virtualTime().run(({ hot, cold, expectObservable, expectSubscriptions, flush }) => {
      const source$ = hot('  a-b-c-d------|');
      const inner$ = cold('  ---x|');
      const drops: string[] = [];
      const result$ = source$.pipe(
        latestMap(
          (value) => inner$.pipe(map(() => value.toUpperCase())),
          (value) => drops.push(value),
        ),
      );
      // a runs from 0 to 4, when the newest is c; d comes at 6, while c runs.
      expectObservable(result$).toBe('---A---C---D-|');
      expectSubscriptions(inner$.subscriptions).toBe(['^---!', '----^---!', '--------^---!']);
      expectSubscriptions(source$.subscriptions).toBe('^------------!');
      flush();
      expect(drops).toEqual(['b']);
    });
  });

  it('should complete only after the waiting value was projected', () => {
    virtualTime().run(({ hot, cold, expectObservable }) => {
      const source$ = hot('ab|');
      const result$ = source$.pipe(latestMap((value) => cold('----x|').pipe(map(() => value)), failOnDrop));
      expectObservable(result$).toBe('----a----b|');
    });
  });

  it('should report the waiting value when it is unsubscribed from, and stop both subscriptions', () => {
    virtualTime().run(({ hot, cold, expectObservable, expectSubscriptions, flush }) => {
      const source$ = hot('   a-b-----');
      const inner$ = cold('   --------x');
      const unsubscribe = '   ----!';
      const drops: string[] = [];
      expectObservable(
        source$.pipe(
          latestMap(
            () => inner$,
            (value) => drops.push(value),
          ),
        ),
        unsubscribe,
      ).toBe('--------');
      expectSubscriptions(source$.subscriptions).toBe('^---!');
      expectSubscriptions(inner$.subscriptions).toBe('^---!');
      flush();
      expect(drops).toEqual(['b']);
    });
  });

  it.each([
    ['inner', 'a-b-----', '----#', '----#'],
    ['source', 'a-b--#--', '--------x', '-----#'],
  ])('should report the waiting value when the %s observable fails', (_, source, inner, expected) => {
    virtualTime().run(({ hot, cold, expectObservable, flush }) => {
      const drops: string[] = [];
      const result$ = hot(source).pipe(
        latestMap(
          () => cold(inner),
          (value) => drops.push(value),
        ),
      );
      expectObservable(result$).toBe(expected);
      flush();
      expect(drops).toEqual(['b']);
    });
  });

  it('should fail when project throws', () => {
    virtualTime().run(({ hot, expectObservable }) => {
      const project = (): Observable<string> => {
        throw new Error('no');
      };
      expectObservable(hot('-a').pipe(latestMap(project, failOnDrop))).toBe('-#', undefined, new Error('no'));
    });
  });

  it('should project a hundred thousand synchronous values without nesting', () => {
    const source$ = new Subject<number>();
    let seen = 0;
    const subscription = source$.pipe(latestMap((value) => of(value), failOnDrop)).subscribe((value) => {
      seen++;
      if (value < 100_000) source$.next(value + 1);
    });
    source$.next(1);
    // Each value is sent from within the emission of the one before; only a loop survives that.
    expect(seen).toBe(100_000);
    subscription.unsubscribe();
  });

  it('should report what a synchronous source sends after the result has ended', () => {
    const drops: number[] = [];
    of(1, 2, 3)
      .pipe(
        latestMap(
          (value) => of(value),
          (value) => drops.push(value),
        ),
        take(1),
      )
      .subscribe();
    expect(drops).toEqual([2, 3]);
  });

  it('should account for every value exactly once, however sources, inner ones and the end interleave', () => {
    const durations = fc.array(fc.nat(5), { maxLength: 30 });
    const works = fc.array(fc.nat(9), { minLength: 1 });
    fc.assert(
      fc.property(durations, works, fc.nat(100), fc.boolean(), (gaps, inner, end, fails) => {
        const scheduler = new VirtualTimeScheduler();
        const projected: number[] = [];
        const drops: number[] = [];
        let sent = 0;
        const project = (value: number) => {
          projected.push(value);
          const failure$ = fails && value === 12 ? throwError(() => new Error('inner')) : EMPTY;
          return concat(timer(inner[value % inner.length] ?? 0, scheduler), failure$);
        };
        const source$ = concat(from(gaps), NEVER).pipe(
          concatMap((gap) => timer(gap, scheduler)),
          map(() => sent++),
        );
        const subscription = source$
          .pipe(latestMap(project, (value) => drops.push(value)))
          .subscribe({ error: () => undefined });
        scheduler.schedule(() => subscription.unsubscribe(), end);
        scheduler.flush();
        const all = [...projected, ...drops].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: sent }, (_, i) => i));
      }),
      { numRuns: 300 },
    );
  });
});

function failOnDrop(value: unknown): void {
  throw new Error(`nothing may be dropped, ${String(value)} was`);
}
