/** What a front end's images look like to the classifier, in a few hundred numbers. */
import { mean } from '../mean.ts';

/** Of R, G, B over pixels, 0 to 1. */
export interface ColourStatistics {
  readonly mean: readonly number[];
  /** Rows and columns R, G, B. */
  readonly covariance: readonly (readonly number[])[];
}

/** Of one tensor inside the classifier, per channel, over pictures and places. */
export interface ActivationStatistics {
  readonly tensor: string;
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/** A card's statistics are these, and so are a stream's. */
export interface FeatureStatistics {
  readonly pixels?: ColourStatistics | undefined;
  readonly activations: readonly ActivationStatistics[];
}

/** Of a tensor's usual deviation: what is added to all, since a dead channel has neither unit nor logarithm. */
const floorShare = 0.05;

/** The target of one tensor in units in which every channel counts the same. */
export interface ChannelUnits {
  /** `√(s*² + f²)` per channel, f a twentieth of the median of s*. */
  readonly unit: readonly number[];
  /** `f² / unit²` per channel: what a variance in these units is raised by. */
  readonly floor: readonly number[];
}

export function channelUnits({ standardDeviation }: ActivationStatistics): ChannelUnits {
  const sorted = standardDeviation.toSorted((a, b) => a - b);
  const floor = (floorShare * (sorted[sorted.length >> 1] ?? NaN)) ** 2;
  const unit = standardDeviation.map((s) => Math.sqrt(s ** 2 + floor));
  return { unit, floor: unit.map((value) => floor / value ** 2) };
}

/**
 * Mean over channels of `((m − m*) / s*)² + (log s − log s*)²`, then over tensors, deviations as in
 * `channelUnits`: 0 for equal statistics, about 0.02 for other undamaged photographs, 1 and more
 * for a damaged camera.
 *
 * Throws where a tensor of the target was not observed.
 */
export function statisticsDistance(observed: FeatureStatistics, target: FeatureStatistics): number {
  const distances = target.activations.map((wanted) => {
    const seen = observed.activations.find(({ tensor }) => tensor === wanted.tensor);
    if (seen === undefined) throw new Error(`the statistics of ${wanted.tensor} were not observed`);
    const { unit, floor } = channelUnits(wanted);
    return mean(
      wanted.mean.map((target, channel) => {
        const [m = NaN, s = NaN] = [seen.mean[channel], seen.standardDeviation[channel]];
        const [u = NaN, f = NaN] = [unit[channel], floor[channel]];
        return ((m - target) / u) ** 2 + (Math.log((s / u) ** 2 + f) / 2) ** 2;
      }),
    );
  });
  return mean(distances);
}
