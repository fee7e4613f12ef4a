import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuantileSketch, relativeError } from '../../src/output/quantiles.ts';

/** The order statistic, from all values. */
function exact(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;
}

describe('QuantileSketch', () => {
  it('should be within one percent of the order statistic, over ten decades', () => {
    const value = fc.double({ min: -6, max: 5, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sketch = new QuantileSketch();
          for (const each of values) sketch.record(each);
          const truth = exact(values, q);
          expect(Math.abs(sketch.quantile(q) - truth)).toBeLessThanOrEqual(relativeError * truth * (1 + 1e-9));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('should have exact count, mean and maximum', () => {
    const sketch = new QuantileSketch();
    for (const value of [0.25, 0.5, 1.25]) sketch.record(value);
    expect(sketch.quantiles()).toMatchObject({ count: 3, max: 1.25 });
    expect(sketch.quantiles().mean).toBeCloseTo(2 / 3, 12);
  });

  it('should be zero when empty, and after a reset', () => {
    const sketch = new QuantileSketch();
    const empty = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    expect(sketch.quantiles()).toEqual(empty);
    sketch.record(3);
    sketch.reset();
    expect(sketch.quantiles()).toEqual(empty);
  });

  it('should take values from outside of its range, and nothing that is not a number', () => {
    const sketch = new QuantileSketch();
    for (const value of [-1, 0, 1e9, Infinity, Number.NaN]) sketch.record(value);
    expect(sketch.count).toBe(4);
    expect(sketch.quantile(0)).toBe(1e-6 * (1 - relativeError));
    expect(sketch.quantiles().max).toBe(Infinity);
  });
});
