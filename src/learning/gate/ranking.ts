/** Which of several front ends is likely the best, by what held-out frames say of each. */
import { totalVariation, type Evidence } from './evidence.ts';

/**
 * Higher is better. With labels their likelihood. Without, the mean confidence, less what the class rates are off the
 * expected ones by more than chance explains of so many frames, less a thirtieth of the statistics' distance: a front end
 * that is far off can be confidently wrong, and one that gives most frames one class is confident of it.
 *
 * `expectedRates`: of the baseline, else of training. They only rank: a camera may well see other rates than training
 * did, so the gate asks for the baseline's alone.
 */
export function ranking(
  { frames, labelled, meanConfidence, classRates, distance }: Omit<Evidence, 'predictions'>,
  expectedRates: readonly number[] | undefined,
): number {
  if (labelled !== undefined) return labelled.meanLogLikelihood;
  const variation = expectedRates === undefined ? 0 : totalVariation(classRates, expectedRates);
  const off = Math.max(0, variation - 1 / Math.sqrt(frames));
  return meanConfidence - off - distance / 30;
}
