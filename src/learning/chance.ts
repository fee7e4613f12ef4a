/** How likely a count or a mean is by chance. */
import type { Random } from './random.ts';

/**
 * McNemar's exact test, one-sided: the probability that of `gained + lost` frames on which two
 * classifiers differ in being right, at least `gained` speak for the second one if neither is better.
 *
 * Reference: McNemar 1947, doi 10.1007/BF02295996, by the binomial distribution.
 */
export function chanceOfGain(gained: number, lost: number): number {
  return binomialTail(gained, gained + lost, 0.5);
}

/** How likely the mean of paired differences is zero or below, by the bootstrap. */
export function chanceOfIncrease(
  differences: readonly number[],
  random: Pick<Random, 'uniform'>,
  rounds = 2000,
): number {
  // What is not a number speaks for no increase.
  return resampledSums(differences, random, rounds).filter((sum) => !(sum > 0)).length / rounds;
}

/**
 * Sums of as many samples of the values as there are rounds, each as large as they are and drawn
 * with replacement: the bootstrap. Reference: Efron 1979, doi 10.1214/aos/1176344552.
 */
export function resampledSums(
  values: readonly number[],
  { uniform }: Pick<Random, 'uniform'>,
  rounds: number,
): readonly number[] {
  const drawn = () => values[Math.floor(uniform() * values.length)] ?? 0;
  return Array.from({ length: rounds }, () => values.reduce((sum) => sum + drawn(), 0));
}

/** The probability of `least` or more successes in `trials`. */
export function binomialTail(least: number, trials: number, probability: number): number {
  if (least <= 0) return 1;
  if (probability >= 1) return 1;
  let sum = 0;
  let logTerm = trials * Math.log(1 - probability);
  for (let k = 0; k <= trials; k++) {
    if (k >= least) sum += Math.exp(logTerm);
    logTerm += Math.log((trials - k) / (k + 1)) + Math.log(probability / (1 - probability));
  }
  return Math.min(1, sum);
}
