/** What held-out frames say for or against a front end. */
import { probabilities, type DecisionRule } from '../../model/calibration.ts';
import { mean } from '../mean.ts';
import { statisticsDistance, type FeatureStatistics } from '../statistics/feature-statistics.ts';
import type { Observation } from '../statistics/observe.ts';

export interface Evidence {
  readonly frames: number;
  /** From the target's statistics; see `statisticsDistance`. */
  readonly distance: number;
  /** Mean of the likeliest class's calibrated probability. */
  readonly meanConfidence: number;
  /** Share of the frames that were given each label. */
  readonly classRates: readonly number[];
  /** Of each frame. */
  readonly predictions: readonly { readonly label: number; readonly confidence: number }[];
  /** Where the frames are labelled. */
  readonly labelled?: {
    readonly labels: readonly number[];
    readonly right: readonly boolean[];
    /** Logarithm of the calibrated probability of each frame's label. */
    readonly logLikelihoods: readonly number[];
  };
}

/** `labels`: of the observed frames, in their order. */
export function evidenceOf(
  { logits, statistics }: Pick<Observation, 'logits' | 'statistics'>,
  target: FeatureStatistics,
  rule: DecisionRule,
  labels?: readonly number[],
): Evidence {
  const all = logits.map((one) => probabilities(one, rule));
  const predictions = all.map((p) => {
    const confidence = Math.max(...p);
    return { label: p.indexOf(confidence), confidence };
  });
  const classRates = rule.output.labels.map(() => 0);
  for (const { label } of predictions) classRates[label] = (classRates[label] ?? 0) + 1 / predictions.length;
  return {
    frames: predictions.length,
    distance: statisticsDistance(statistics, target),
    meanConfidence: mean(predictions.map(({ confidence }) => confidence)),
    classRates,
    predictions,
    ...(labels && {
      labelled: {
        labels,
        right: predictions.map(({ label }, i) => label === labels[i]),
        logLikelihoods: all.map((p, i) => Math.log(Math.max(p[labels[i] ?? -1] ?? 0, 1e-12))),
      },
    }),
  };
}

/** Half the sum of the absolute differences: 0 for equal rates, 1 for disjoint ones. */
export function totalVariation(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, rate, i) => sum + Math.abs(rate - (b[i] ?? 0)), 0) / 2;
}
