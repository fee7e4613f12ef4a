import { mean } from '../mean.ts';
import type { Observation } from './observe.ts';

/**
 * What one look at all frames would have seen, from a look at each: per channel the mean of the means,
 * and `s² = mean(sᵢ² + mᵢ²) − m²`; covariances likewise. Exact; the variety, which needs the frames, is NaN.
 */
export function pooled(observations: readonly Observation[]): Observation {
  const [first] = observations;
  if (first === undefined) throw new Error('there must be at least one observation to pool');
  const over = (figure: (observation: Observation) => number) => mean(observations.map(figure));
  const pixelMean = first.statistics.pixels.mean.map((_, c) => over(({ statistics }) => at(statistics.pixels.mean, c)));
  const product = (i: number, j: number) =>
    over(({ statistics: { pixels } }) => at(at(pixels.covariance, i), j) + at(pixels.mean, i) * at(pixels.mean, j));
  return {
    frames: observations.reduce((sum, { frames }) => sum + frames, 0),
    statistics: {
      pixels: {
        mean: pixelMean,
        covariance: pixelMean.map((a, i) => pixelMean.map((b, j) => product(i, j) - a * b)),
      },
      activations: first.statistics.activations.map(({ tensor, mean: channels }, t) => {
        const means = channels.map((_, c) => over(({ statistics }) => at(at(statistics.activations, t).mean, c)));
        const standardDeviation = means.map((m, c) => {
          const square = over(({ statistics }) => {
            const seen = at(statistics.activations, t);
            return at(seen.standardDeviation, c) ** 2 + at(seen.mean, c) ** 2;
          });
          return Math.sqrt(Math.max(0, square - m ** 2));
        });
        return { tensor, mean: means, standardDeviation };
      }),
    },
    logits: observations.flatMap(({ logits }) => logits),
    contrasts: observations.flatMap(({ contrasts }) => contrasts),
    variety: NaN,
  };
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error('observations that are pooled must be of one classifier');
  return value;
}
