import { defer, map, type OperatorFunction } from 'rxjs';
import { logOdds, probabilitiesOf, type DecisionRule } from '../domain/decision-rule.ts';
import type { Prediction } from '../domain/prediction.ts';

export interface SmoothingOptions {
  /** τ: a change has got through to 63 % after it, seconds; 0 is no smoothing. */
  readonly timeConstantSeconds: number;
}

/** A prediction with the calibrated, smoothed probability of each label, 0 to 1, in the order of the labels. */
export interface Smoothed extends Prediction {
  readonly probabilities: Float32Array;
}

/** The part of a prediction that the average needs. */
export type Timed = Pick<Prediction, 'presentationSeconds' | 'logits'>;

/**
 * An exponential average over time, for one stream:
 *
 *     n ← (1 − α) n + α · log-odds,  d ← (1 − α) d + α,  smoothed = n / d,  α = 1 − e^(−Δt/τ)
 *
 * Δt is the time between the pictures, so dropped frames and odd frame rates change nothing.
 * The division by d makes the beginning the mean of what was seen so far (as Adam corrects its
 * moments); a plain average would give the first frame the weight of a whole τ, and one that is
 * wrong would become an event. The first frame, and one whose time goes backwards (a loop, a
 * camera that restarts), starts anew. Averaging log-odds is the geometric mean of the odds: one
 * wild frame moves it little.
 *
 * Reference: the time-constant form of exponential smoothing for irregular intervals, with the
 * bias correction of D. Kingma and J. Ba, arXiv 1412.6980 §3.
 *
 * @returns a function from a frame's logits to its probabilities; throws as `logOdds` does
 */
export function createSmoother(
  rule: DecisionRule,
  { timeConstantSeconds }: SmoothingOptions,
): (frame: Timed) => Float32Array {
  let state: Average | undefined;
  return ({ presentationSeconds, logits }) => {
    const scores = logOdds(logits, rule);
    const elapsed = presentationSeconds - (state?.atSeconds ?? Number.NaN);
    // Written so that an unknown time starts anew as well.
    state =
      state && elapsed >= 0
        ? { ...blend(state, scores, weight(elapsed, timeConstantSeconds)), atSeconds: presentationSeconds }
        : { mean: scores, mass: 0, atSeconds: presentationSeconds };
    return probabilitiesOf(state.mean, rule);
  };
}

interface Average {
  /** n / d, log-odds. */
  readonly mean: Float64Array;
  /** d, 0 to 1; 0 while there is one frame only, whose duration is not known yet. */
  readonly mass: number;
  readonly atSeconds: number;
}

/** The new frame's weight α, 0 to 1. */
function weight(elapsedSeconds: number, timeConstantSeconds: number): number {
  return timeConstantSeconds > 0 ? -Math.expm1(-elapsedSeconds / timeConstantSeconds) : 1;
}

function blend({ mean, mass }: Average, scores: Float64Array, alpha: number): Pick<Average, 'mean' | 'mass'> {
  // A first frame was there for as long as the second took to come, as far as one can tell.
  const before = mass === 0 ? alpha : mass;
  const after = (1 - alpha) * before + alpha;
  const share = after > 0 ? alpha / after : 0;
  // Into the new frame's, which nobody else has.
  for (let i = 0; i < scores.length; i++) scores[i] = (1 - share) * (mean[i] ?? 0) + share * (scores[i] ?? 0);
  return { mean: scores, mass: after };
}

/**
 * `createSmoother` over one stream's predictions; each subscription has its own average.
 *
 * ```
 * source   z0--z1--z2|
 * result   p0--p1--p2|      p0 = probabilities of z0, p1 moves towards z1 by α, …
 * ```
 */
export function smooth<T extends Prediction>(
  rule: DecisionRule,
  options: SmoothingOptions,
): OperatorFunction<T, T & Smoothed> {
  return (source$) =>
    defer(() => {
      const smoother = createSmoother(rule, options);
      return source$.pipe(map((prediction) => ({ ...prediction, probabilities: smoother(prediction) })));
    });
}
