import { map, type OperatorFunction } from 'rxjs';
import { logOdds, probabilitiesOf, type DecisionRule } from '../domain/decision-rule.ts';
import type { Prediction, Scores } from '../domain/prediction.ts';

export interface SmoothingOptions {
  /** τ: a change has got through to 63 % after it, seconds; 0 is no smoothing. */
  readonly timeConstantSeconds: number;
}

/** The part of a prediction that the average needs. */
export type Timed = Pick<Prediction, 'presentationSeconds' | 'elapsedSeconds' | 'logits'>;

/** From a frame's logits to its scores. */
export type Smoother = (frame: Timed) => Scores;

/**
 * An exponential average over time, for one stream, of each tile by itself:
 *
 *     n ← (1 − α) n + α · log-odds,  d ← (1 − α) d + α,  smoothed = n / d,  α = 1 − e^(−Δt/τ)
 *
 * Δt is the time between the pictures, so dropped frames and odd frame rates change nothing.
 * The division by d makes the beginning the mean of what was seen so far (as Adam corrects its
 * moments); a plain average would give the first frame the weight of a whole τ, and one that is
 * wrong would become an event. The first frame, and one whose time goes backwards (a loop, a
 * camera that restarts), starts anew, as do other tiles, of which nothing is known. Averaging
 * log-odds is the geometric mean of the odds: one wild frame moves it little.
 *
 * Reference: the time-constant form of exponential smoothing for irregular intervals, with the
 * bias correction of D. Kingma and J. Ba, arXiv 1412.6980 §3.
 *
 * @returns a function from a frame's logits to its scores; throws as `logOdds` does
 */
export function createSmoother(rule: DecisionRule, { timeConstantSeconds }: SmoothingOptions): Smoother {
  let averages: readonly Average[] = [];
  let atSeconds = Number.NaN;
  return ({ presentationSeconds, elapsedSeconds, logits }) => {
    const elapsed = elapsedSeconds ?? presentationSeconds - atSeconds;
    if (logits.length !== averages.length) averages = [];
    averages = logits.map((values, tile) => {
      const scores = logOdds(values, rule);
      const average = averages[tile];
      // Written so that an unknown time starts anew as well.
      return average && elapsed >= 0
        ? blend(average, scores, weight(elapsed, timeConstantSeconds))
        : { mean: scores, mass: 0 };
    });
    atSeconds = presentationSeconds;
    return joined(averages.map(({ mean }) => probabilitiesOf(mean, rule)));
  };
}

/**
 * What is in one tile is in the picture. The mean of the tiles would halve what fills one of two: of a subject at the
 * edge, 0.22 is left where the maximum has 0.42 (docs/views.md).
 */
function joined(tiles: readonly Float32Array<ArrayBuffer>[]): Scores {
  const [first = new Float32Array(), ...others] = tiles;
  if (others.length === 0) return { probabilities: first };
  return { probabilities: first.map((value, i) => Math.max(value, ...others.map((tile) => tile[i] ?? 0))), tiles };
}

interface Average {
  /** n / d, log-odds. */
  readonly mean: Float64Array;
  /** d, 0 to 1; 0 while there is one frame only, whose duration is not known yet. */
  readonly mass: number;
}

/** The new frame's weight α, 0 to 1. */
function weight(elapsedSeconds: number, timeConstantSeconds: number): number {
  return timeConstantSeconds > 0 ? -Math.expm1(-elapsedSeconds / timeConstantSeconds) : 1;
}

function blend({ mean, mass }: Average, scores: Float64Array, alpha: number): Average {
  // A first frame was there for as long as the second took to come, as far as one can tell.
  const before = mass === 0 ? alpha : mass;
  const after = (1 - alpha) * before + alpha;
  const share = after > 0 ? alpha / after : 0;
  // Into the new frame's, which nobody else has.
  for (let i = 0; i < scores.length; i++) scores[i] = (1 - share) * (mean[i] ?? 0) + share * (scores[i] ?? 0);
  return { mean: scores, mass: after };
}

/**
 * A smoother over one stream's predictions.
 *
 * ```
 * source   z0--z1--z2|
 * result   p0--p1--p2|      p0 = probabilities of z0, p1 moves towards z1 by α, …
 * ```
 */
export function smooth<T extends Prediction>(smoother: Smoother): OperatorFunction<T, T & Scores> {
  return map((prediction) => ({ ...prediction, ...smoother(prediction) }));
}
