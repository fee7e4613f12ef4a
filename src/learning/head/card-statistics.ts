/** Statistics of the training photographs, for the card: what a front end without labels is fitted to. */
import type { Card } from '../../model/card.ts';
import type { FeatureGraph } from './feature-graph.ts';
import { lags, pixelMomentCount } from './pixel-moments.ts';

/**
 * Statistics over photographs from the moments that each left: of pixels, of the luminance's neighbours, and
 * of the activations that the base's card names.
 *
 * `moments`: one array for each photograph, as `photographFeatures` gives them.
 */
export function cardStatistics(
  moments: readonly Float32Array[],
  { moments: tensors }: FeatureGraph,
): Card['statistics'] {
  const mean = meanOf(moments);
  const luminanceMean = mean[12 + lags * lags] ?? NaN;
  return {
    images: moments.length,
    pixels: {
      mean: rounded(mean.slice(0, 3)),
      covariance: [0, 1, 2].map((i) =>
        rounded([0, 1, 2].map((j) => (mean[3 + 3 * i + j] ?? NaN) - (mean[i] ?? NaN) * (mean[j] ?? NaN))),
      ),
    },
    luminanceAutocovariance: {
      lags: 'row a, column b: mean of (Y[i,j]-m)(Y[i+a,j+b]-m), Y = 0.299R+0.587G+0.114B',
      values: Array.from({ length: lags }, (_, down) =>
        rounded(Array.from({ length: lags }, (__, right) => autocovariance(mean, down * lags + right, luminanceMean))),
      ),
    },
    activations: activations(mean.slice(pixelMomentCount), tensors, moments.length),
  };
}

/** E[YY′] − m (E[Y] + E[Y′]) + m², where E[Y] and E[Y′] are over the pixels that have such a neighbour. */
function autocovariance(mean: readonly number[], lag: number, m: number): number {
  return (mean[12 + lag] ?? NaN) - 2 * m * (mean[12 + lags * lags + lag] ?? NaN) + m * m;
}

/** For each tensor in turn, `mean` holds the means of its channels, then those of their squares. */
export function activations(
  mean: readonly number[],
  tensors: readonly Pick<FeatureGraph['moments'][number], 'tensor' | 'channels'>[],
  images: number,
): Card['statistics']['activations'] {
  if (images === 0) return [];
  let at = 0;
  return tensors.map(({ tensor, channels }) => {
    const means = mean.slice(at, at + channels);
    const squares = mean.slice(at + channels, at + 2 * channels);
    at += 2 * channels;
    const deviations = squares.map((square, i) => Math.sqrt(Math.max(0, square - (means[i] ?? NaN) ** 2)));
    return { tensor, mean: rounded(means), standardDeviation: rounded(deviations) };
  });
}

function meanOf(rows: readonly Float32Array[]): number[] {
  const sums = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) row.forEach((value, i) => (sums[i] = (sums[i] ?? 0) + value));
  return Array.from(sums, (sum) => sum / rows.length);
}

/** Six digits are more than the photographs decide. */
function rounded(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(6)));
}
