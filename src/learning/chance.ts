/** How likely a count is by chance. */

/**
 * McNemar's exact test, one-sided: the probability that of `gained + lost` frames on which two
 * classifiers differ in being right, at least `gained` speak for the second one if neither is better.
 *
 * Reference: McNemar 1947, doi 10.1007/BF02295996, by the binomial distribution.
 */
export function chanceOfGain(gained: number, lost: number): number {
  return binomialTail(gained, gained + lost, 0.5);
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
