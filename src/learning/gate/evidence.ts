/** What held-out frames say for or against a front end. */
import { argmax } from '../../domain/argmax.ts';
import { probabilities, type DecisionRule } from '../../domain/decision-rule.ts';
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
  const answers = logits.map((frame) => probabilities(frame, rule));
  const predictions = answers.map((answer) => {
    const label = argmax(answer);
    return { label, confidence: answer[label] ?? NaN };
  });
  const classRates = rule.labels.map(() => 0);
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
        logLikelihoods: answers.map((answer, i) => Math.log(Math.max(answer[labels[i] ?? -1] ?? 0, 1e-12))),
      },
    }),
  };
}

/** Half the sum of the absolute differences: 0 for equal rates, 1 for disjoint ones. */
export function totalVariation(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, rate, i) => sum + Math.abs(rate - (b[i] ?? 0)), 0) / 2;
}
