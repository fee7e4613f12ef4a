/** Which of several front ends is likely the best, by what held-out frames say of each. */
import { mean } from '../mean.ts';
import { totalVariation, type Evidence } from './evidence.ts';

/**
 * Higher is better. With labels their likelihood. Without, the mean confidence, less what the class rates are off the
 * expected ones, less a thirtieth of the statistics' distance: a front end that is far off can be confidently wrong, and
 * one that gives most frames one class is confident of it. Class rates count by their square as long as chance may
 * explain them with so many frames, from there on in proportion (Huber 1964).
 *
 * `expectedRates`: of the baseline, else of training. They only rank: a camera may well see other rates than training
 * did, so the gate asks for the baseline's alone.
 */
export function ranking(
  { frames, labelled, meanConfidence, classRates, distance }: Omit<Evidence, 'predictions'>,
  expectedRates: readonly number[] | undefined,
): number {
  if (labelled !== undefined) return mean(labelled.logLikelihoods);
  const variation = expectedRates === undefined ? 0 : totalVariation(classRates, expectedRates);
  const chance = 1 / Math.sqrt(frames);
  const off = variation < 2 * chance ? variation ** 2 / (4 * chance) : variation - chance;
  return meanConfidence - off - distance / 30;
}
