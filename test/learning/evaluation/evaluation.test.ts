import { describe, expect, test } from 'vitest';
import { compare, evaluate } from '../../../src/learning/evaluation/evaluation.ts';
import { bootstrapMean, mcnemar, quantile, wilson } from '../../../src/learning/evaluation/intervals.ts';
import {
  calibrationError,
  flips,
  meanKl,
  negativeLogLikelihood,
  probabilityShift95,
  reliability,
} from '../../../src/learning/evaluation/metrics.ts';
import { seededRandom } from '../../../src/learning/random.ts';

/** Two classes; the probability of the second. */
const binary = (...second: number[]) => second.map((p) => Float32Array.of(1 - p, p));

describe('intervals', () => {
  test.each([
    // As statsmodels' proportion_confint(…, method="wilson").
    [8, 10, 0.4901625, 0.9433178],
    [0, 20, 0, 0.1611251],
    [956, 1000, 0.9414439, 0.9670706],
  ])('wilson of %d in %d', (successes, n, low, high) => {
    const share = wilson(successes, n);
    expect(share.value).toBe(successes / n);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, 4);
  });

  test.each([
    // 2·(C(10,0)+C(10,1)+C(10,2))/2¹⁰ and so on.
    [2, 8, 112 / 1024],
    [8, 2, 112 / 1024],
    [5, 5, 1],
    [0, 0, 1],
    [0, 6, 2 / 64],
  ])('mcnemar %d against %d', (b, c, p) => {
    expect(mcnemar(b, c)).toBeCloseTo(p, 10);
  });

  test('mcnemar of many: as the normal approximation', () => {
    // |b − c| − 1 over √(b + c) = 3.14: p = 0.0017.
    expect(mcnemar(1000, 1145)).toBeCloseTo(0.0019, 3);
  });

  test('bootstrap: the mean, and about ±1.96 standard errors', () => {
    const differences = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const { value, low, high } = bootstrapMean(differences, seededRandom(1));
    expect(value).toBe(0.25);
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 400);
    expect(low).toBeCloseTo(0.25 - half, 1);
    expect(high).toBeCloseTo(0.25 + half, 1);
  });

  test('quantiles lie between the values', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  });
});

describe('metrics', () => {
  test('kl: Σ p ln(p/q), nothing for equal ones', () => {
    expect(meanKl(binary(0.5, 0.25), binary(0.5, 0.25))).toBeCloseTo(0, 6);
    const expected = 0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25);
    expect(meanKl(binary(0.5), binary(0.25))).toBeCloseTo(expected, 5);
    expect(meanKl(binary(1), binary(0))).toBeLessThan(20);
  });

  test('negative log-likelihood', () => {
    expect(negativeLogLikelihood(binary(0.25, 0.5), [1, 0])).toBeCloseTo((Math.log(4) + Math.log(2)) / 2, 5);
  });

  test('calibration: two bins, one of them 0.2 too sure, one right', () => {
    const bins = reliability(binary(0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.4, 0.4, 0.4, 0.4, 0.4), [
      ...[1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
      ...[0, 0, 0, 1, 1],
    ]);
    expect(bins.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 10, 0]);
    expect(bins[13]).toEqual({ count: 10, confidence: expect.closeTo(0.9, 5) as number, accuracy: 0.7 });
    expect(calibrationError(bins)).toBeCloseTo((10 / 15) * 0.2, 5);
  });

  test('flips both ways, the more frequent first', () => {
    expect(flips(binary(0.1, 0.1, 0.9, 0.9), binary(0.8, 0.9, 0.2, 0.9))).toEqual([
      { from: 0, to: 1, count: 2 },
      { from: 1, to: 0, count: 1 },
    ]);
  });

  test('shift: of the probability of the first answer', () => {
    expect(probabilityShift95(binary(0.9, 0.2), binary(0.7, 0.2))).toBeCloseTo(0.95 * 0.2, 5);
  });
});

test('an evaluation: everything of four frames, by hand', () => {
  const result = evaluate({
    probabilities: binary(0.9, 0.6, 0.3, 0.8),
    reference: binary(0.9, 0.4, 0.3, 0.8),
    labels: Int32Array.of(1, 0, 0, 1),
    classes: 2,
  });
  expect(result.frames).toBe(4);
  expect(result.meanConfidence).toBeCloseTo((0.9 + 0.6 + 0.7 + 0.8) / 4, 5);
  expect(result.classRates).toEqual([0.25, 0.75]);
  expect(result.reference?.agreement.value).toBe(0.75);
  expect(result.reference?.flips).toEqual([{ from: 0, to: 1, count: 1 }]);
  expect(result.labelled?.accuracy.value).toBe(0.75);
  expect(result.labelled?.confusion).toEqual([
    [1, 1],
    [0, 2],
  ]);
  expect(result.labelled?.recall.map((share) => share?.value)).toEqual([0.5, 1]);
});

test('a class without frames has no recall', () => {
  const { labelled } = evaluate({ probabilities: binary(0.9), labels: [1], classes: 2 });
  expect(labelled?.recall[0]).toBeUndefined();
});

test('a comparison counts who alone is right', () => {
  const first = binary(0.9, 0.9, 0.1, 0.1, 0.9);
  const second = binary(0.9, 0.1, 0.9, 0.9, 0.9);
  const { labelled, flips: changed } = compare(first, second, [1, 1, 1, 1, 0], seededRandom(1));
  expect(changed).toEqual([
    { from: 0, to: 1, count: 2 },
    { from: 1, to: 0, count: 1 },
  ]);
  expect(labelled).toMatchObject({ onlyFirstRight: 1, onlySecondRight: 2, p: 1 });
  expect(labelled?.difference.value).toBeCloseTo(0.2, 10);
});
