import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { borrowing$ } from '../../src/pipeline/borrowing.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function begun(use: (taken: string) => Observable<number>) {
  const told: unknown[] = [];
  let take: (taken: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const taking = new Promise<string>((resolve, reject) => {
    take = resolve;
    fail = reject;
  });
  const borrowed$ = borrowing$(
    () => taking,
    use,
    (taken) => told.push(`${taken} back`),
  );
  const subscription = borrowed$.subscribe({
    next: (value) => told.push(value),
    error: (error: Error) => told.push(error.message),
    complete: () => told.push('complete'),
  });
  return { told, take, fail, subscription };
}

describe('borrowing$', () => {
  it('should give back what ended, at once or later', async () => {
    for (const atOnce of [true, false]) {
      const source$ = new Subject<number>();
      const { told, take } = begun(() => (atOnce ? of(1) : source$));
      take('a');
      await settled();
      source$.next(1);
      source$.complete();
      expect(told).toEqual([1, 'complete', 'a back']);
    }
  });

  it('should give back what failed, or could not be used', async () => {
    const unusable = () => {
      throw new Error('no');
    };
    for (const use of [unusable, () => throwError(() => new Error('no'))]) {
      const { told, take } = begun(use);
      take('a');
      await settled();
      expect(told.toSorted()).toEqual(['a back', 'no']);
    }
  });

  it('should give back what is unsubscribed from, after its use; also where it comes later', async () => {
    const order: string[] = [];
    const { told, take, subscription } = begun(
      () =>
        new Observable((subscriber) => {
          subscriber.add(() => order.push('ended'));
        }),
    );
    order.push('begun');
    take('a');
    await settled();
    subscription.unsubscribe();
    expect({ told, order }).toEqual({ told: ['a back'], order: ['begun', 'ended'] });
    const late = begun(() => {
      order.push('used');
      return NEVER;
    });
    late.subscription.unsubscribe();
    late.take('b');
    await settled();
    expect({ told: late.told, order }).toEqual({ told: ['b back'], order: ['begun', 'ended'] });
  });

  it('should fail where there is nothing to take', async () => {
    const { told, fail } = begun(() => NEVER);
    fail(new Error('none left'));
    await settled();
    expect(told).toEqual(['none left']);
  });
});
