/** Shares with their 95 % intervals, and whether two adapters differ by more than chance. */
import { binomialTail, resampledSums } from '../chance.ts';
import { mean } from '../mean.ts';
import type { Random } from '../random.ts';

/** A share of n, and where it lies with 95 % confidence. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** 97.5 % quantile of the standard normal. */
const z = 1.959963984540054;

/** Wilson's score interval; NaN for n = 0. Reference: Wilson 1927, doi 10.1080/01621459.1927.10502953. */
export function wilson(successes: number, n: number): Share {
  const value = successes / n;
  const denominator = 1 + z ** 2 / n;
  const centre = (value + z ** 2 / (2 * n)) / denominator;
  const half = (z / denominator) * Math.sqrt((value * (1 - value)) / n + z ** 2 / (4 * n ** 2));
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * McNemar's exact test, two-sided: how likely a split at least as uneven is among frames that only
 * one of two classifiers gets right, if both were equally good.
 *
 * p = min(1, 2 · P(X ≥ max(b, c))), X binomial(b + c, ½). Reference: McNemar 1947, doi 10.1007/BF02295996.
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  return Math.min(1, 2 * binomialTail(Math.max(onlyFirst, onlySecond), n, 0.5));
}

/** The mean of paired differences with its 95 % interval by the bootstrap (percentiles). */
export function bootstrapMean(differences: readonly number[], random: Pick<Random, 'uniform'>, rounds = 2000): Share {
  const means = resampledSums(differences, random, rounds)
    .map((sum) => sum / differences.length)
    .sort((a, b) => a - b);
  return {
    value: mean(differences),
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
  };
}

/** Linear between the two nearest of the sorted values, as numpy's default. */
export function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}
