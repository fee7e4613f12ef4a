import { logSumExp } from '../domain/log-sum-exp.ts';
import type { DecisionRule } from './decision-rule.ts';

/**
 * Calibrated scores in which averaging makes sense: z/T for a binary bundle (one value), log-probabilities
 * log softmax(z/T) for softmax (one value per label). Raw logits of a softmax would not do: a constant
 * that is added to all of them changes nothing in a frame but would weigh it in the average.
 *
 * Throws when the number of logits is not that of the rule, or one is not finite: an average
 * that has taken one in never recovers.
 */
export function logOdds(logits: Float32Array, { decision, labels, temperature }: DecisionRule): Float64Array {
  const expected = decision === 'binary' ? 1 : labels.length;
  if (logits.length !== expected) {
    throw new Error(`there must be ${expected} logits for one frame, there are ${logits.length}`);
  }
  const scores = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = (logits[i] ?? NaN) / temperature;
  // float32 values add up to no infinity in float64, and NaN stays in a sum.
  if (!Number.isFinite(sum)) {
    throw new Error('all logits must be finite, some are not: the adapter or the device gives wrong numbers');
  }
  if (decision === 'softmax') {
    const logSum = logSumExp(scores);
    for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] ?? NaN) - logSum;
  }
  return scores;
}

/** Probabilities per label, in the order of the labels, that belong to log-odds; they sum to 1. */
export function probabilitiesOf(scores: Float64Array, { decision, labels, positive }: DecisionRule): Float32Array {
  if (decision === 'softmax') return softmax(scores);
  const score = scores[0] ?? 0;
  // Each from its own exponential: 1 − p would lose the small one's digits.
  const [yes, no] = [1 / (1 + Math.exp(-score)), 1 / (1 + Math.exp(score))];
  return Float32Array.from(labels, (label) => (label === positive ? yes : no));
}

/** Plain loops, here and above: with a thousand labels per frame, calls per value would cost more than the sums. */
function softmax(scores: Float64Array): Float32Array {
  const logSum = logSumExp(scores);
  const result = new Float32Array(scores.length);
  for (let i = 0; i < result.length; i++) result[i] = Math.exp((scores[i] ?? NaN) - logSum);
  return result;
}
