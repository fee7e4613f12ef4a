import fc from 'fast-check';
import { EMPTY, merge, of, throwError, timer, VirtualTimeScheduler } from 'rxjs';
import { map, mergeMap } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { Batcher } from '../../src/pipeline/batcher.ts';
import { virtualTime } from './marbles.ts';

interface Item {
  readonly stream: string;
  readonly value: string;
}

/** A batcher whose device needs `workMs` a batch and answers in capitals; `batches` is its log. */
function setUp(options: { size: number; maxWaitMs: number; inFlight?: number; workMs: number }) {
  const batches: string[] = [];
  const batcher = new Batcher<string, string>({
    inFlight: 1,
    ...options,
    project: (values) => {
      batches.push(values.join(''));
      return timer(options.workMs).pipe(map(() => values.map((value) => value.toUpperCase())));
    },
  });
  return { batcher, batches };
}

describe('Batcher', () => {
  it('should give a free device what is there at once and put together what comes meanwhile', () => {
    virtualTime().run(({ hot, expectObservable, flush }) => {
      const { batcher, batches } = setUp({ size: 4, maxWaitMs: 0, workMs: 4 });
      const source$ = hot('              abc---------d---|');
      const result$ = source$.pipe(mergeMap((value) => batcher.submit(value, value)));
      expectObservable(result$).toBe('   ----A---(BC)----(D|)');
      flush();
      expect(batches).toEqual(['a', 'bc', 'd']);
    });
  });

  it('should wait for company no longer than maxWaitMs, and not at all once the batch is full', () => {
    virtualTime().run(({ hot, expectObservable, flush }) => {
      const { batcher, batches } = setUp({ size: 3, maxWaitMs: 5, workMs: 1 });
      const source$ = hot('              a-b---------cde|');
      const result$ = source$.pipe(mergeMap((value) => batcher.submit(value, value)));
      expectObservable(result$).toBe('   ------(AB)-----(CDE|)');
      flush();
      expect(batches).toEqual(['ab', 'cde']);
    });
  });

  it('should keep `inFlight` batches running', () => {
    virtualTime().run(({ hot, expectObservable, flush }) => {
      const { batcher, batches } = setUp({ size: 1, maxWaitMs: 0, inFlight: 2, workMs: 5 });
      const result$ = hot('           abc---------|').pipe(mergeMap((value) => batcher.submit(value, value)));
      expectObservable(result$).toBe('-----AB---C-|');
      flush();
      expect(batches).toEqual(['a', 'b', 'c']);
    });
  });

  it('should give no stream a second place while another waits', () => {
    virtualTime().run(({ expectObservable, flush }) => {
      const { batcher, batches } = setUp({ size: 3, maxWaitMs: 0, workMs: 5 });
      const items: Item[] = [
        { stream: 'fast', value: 'x' },
        { stream: 'fast', value: '1' },
        { stream: 'fast', value: '2' },
        { stream: 'fast', value: '3' },
        { stream: 'slow', value: 'p' },
        { stream: 'other', value: 'q' },
      ];
      const result$ = merge(...items.map(({ stream, value }) => batcher.submit(stream, value)));
      expectObservable(result$).toBe('-----X----(1PQ)(23|)');
      flush();
      expect(batches).toEqual(['x', '1pq', '23']);
    });
  });

  it('should take a value out of the queue when its caller goes, and leave the others', () => {
    virtualTime().run(({ cold, expectObservable, flush }) => {
      const { batcher, batches } = setUp({ size: 4, maxWaitMs: 0, workMs: 4 });
      const [a$, b$, c$] = ['a', 'b', 'c'].map((value) =>
        cold('x|').pipe(mergeMap(() => batcher.submit(value, value))),
      );
      expectObservable(a$!).toBe('----(A|)');
      expectObservable(b$!, '--!').toBe('---');
      expectObservable(c$!).toBe('--------(C|)');
      flush();
      expect(batches).toEqual(['a', 'c']);
      expect(batcher.waiting).toBe(0);
    });
  });

  it.each([
    ['throws', () => failNow(), 'device gone'],
    ['fails', () => throwError(() => new Error('device gone')), 'device gone'],
    ['ends without results', () => EMPTY, 'a batch of 1 ended without results'],
    ['gives too few results', () => of([]), 'a batch of 1 must have 1 results, it has 0'],
  ])('should pass an error to the callers of the batch and go on, when the device %s', (_, broken, message) => {
    let works = false;
    const batcher = new Batcher<string, string>({
      size: 1,
      maxWaitMs: 0,
      inFlight: 1,
      project: (values) => (works ? of(values) : broken()),
    });
    const outcome: string[] = [];
    const observer = {
      next: (value: string) => outcome.push(value),
      error: (error: unknown) => outcome.push((error as Error).message),
    };
    batcher.submit('s', 'a').subscribe(observer);
    works = true;
    batcher.submit('s', 'b').subscribe(observer);
    expect(outcome).toEqual([message, 'b']);
    expect(batcher.running).toBe(0);
  });

  it('should answer everyone with their own result, within the bounds, for any arrivals', () => {
    const arrival = fc.record({ at: fc.nat(40), stream: fc.nat(4) });
    const options = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      maxWaitMs: fc.nat(6),
      inFlight: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), options, fc.nat(7), (arrivals, bounds, workMs) => {
        const scheduler = new VirtualTimeScheduler();
        const answers = new Map<number, number>();
        const startedAt = new Map<number, number>();
        let running = 0;
        const batcher = new Batcher<number, number>({
          ...bounds,
          scheduler,
          project: (values) => {
            expect(values.length).toBeLessThanOrEqual(bounds.size);
            expect(++running).toBeLessThanOrEqual(bounds.inFlight);
            for (const value of values) startedAt.set(value, scheduler.now());
            return timer(workMs, scheduler).pipe(
              map(() => {
                running--;
                return values.map((value) => value * 10);
              }),
            );
          },
        });
        arrivals.forEach(({ at, stream }, id) => {
          scheduler.schedule(() => {
            batcher.submit(String(stream), id).subscribe((answer) => answers.set(id, answer));
          }, at);
        });
        scheduler.flush();
        expect([...answers].sort(([a], [b]) => a - b)).toEqual(arrivals.map((_, id) => [id, id * 10]));
        // With a device that answers at once, only maxWaitMs can make anything wait.
        if (workMs === 0) {
          arrivals.forEach(({ at }, id) => expect(startedAt.get(id)! - at).toBeLessThanOrEqual(bounds.maxWaitMs));
        }
      }),
      { numRuns: 300 },
    );
  });
});

function failNow(): never {
  throw new Error('device gone');
}
