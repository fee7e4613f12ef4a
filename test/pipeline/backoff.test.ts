import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../src/pipeline/backoff.ts';

describe('Backoff', () => {
  it('should double its limit up to the longest wait', () => {
    const backoff = new Backoff({ firstMs: 1000, mostMs: 10_000, random: () => 0.999_999 });
    const waits = Array.from({ length: 6 }, () => Math.round(backoff.next()));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('should begin anew after a reset', () => {
    const backoff = new Backoff({ firstMs: 1000, mostMs: 60_000, random: () => 0.5 });
    for (let i = 0; i < 5; i++) backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it('should wait long where it must not ask soon', () => {
    const backoff = new Backoff({ firstMs: 1000, mostMs: 60_000, random: () => 0 });
    expect(backoff.long()).toBe(30_000);
  });

  it('should never wait less than a tenth of a second, nor longer than the longest wait', () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(unit, fc.nat(2000), (random, failures) => {
        const backoff = new Backoff({ firstMs: 1000, mostMs: 60_000, random: () => random });
        for (let i = 0; i < failures; i++) backoff.next();
        const wait = backoff.next();
        return wait >= 100 && wait <= 60_000;
      }),
    );
  });
});
