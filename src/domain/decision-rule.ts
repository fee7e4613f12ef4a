/** From a network's raw outputs to probabilities that mean what they say: the one way for all who read logits. */

/** How outputs are read; the `output` part of a bundle's card. */
export interface DecisionRule {
  /** `binary`: one logit, for the label `positive`; `softmax`: one logit per label. */
  readonly decision: 'binary' | 'softmax';
  readonly labels: readonly string[];
  readonly positive?: string | undefined;
  /** Logits are divided by it (temperature scaling, arXiv 1706.04599); above 0. */
  readonly temperature: number;
}

/**
 * Calibrated probabilities, one per label, in the order of the labels; they sum to 1.
 *
 * Binary: p = 1 / (1 + e^(−z/T)) for `positive`, 1 − p for the other. Softmax: e^(zᵢ/T) / Σ e^(zⱼ/T).
 *
 * Throws when the number of logits is not that of the rule.
 */
export function probabilities(logits: Float32Array, rule: DecisionRule): Float32Array<ArrayBuffer> {
  return probabilitiesOf(scaledBy(logits, rule), rule);
}

/**
 * Calibrated scores in which averaging makes sense: z/T for a binary bundle (one value), log-probabilities
 * log softmax(z/T) for softmax (one value per label). Raw logits of a softmax would not do: a constant
 * that is added to all of them changes nothing in a frame but would weigh it in the average.
 *
 * Throws when the number of logits is not that of the rule, or one is not finite: an average
 * that has taken one in never recovers.
 */
export function logOdds(logits: Float32Array, rule: DecisionRule): Float64Array {
  const scores = scaledBy(logits, rule);
  let sum = 0;
  for (const score of scores) sum += score;
  // float32 values add up to no infinity in float64, and NaN stays in a sum.
  if (!Number.isFinite(sum)) {
    throw new Error('all logits must be finite, some are not: the adapter or the device gives wrong numbers');
  }
  return rule.decision === 'softmax' ? logSoftmax(scores) : scores;
}

/** Probabilities per label, in the order of the labels, that belong to log-odds; they sum to 1. */
export function probabilitiesOf(
  scores: Float64Array,
  { decision, labels, positive }: DecisionRule,
): Float32Array<ArrayBuffer> {
  if (decision === 'softmax') return softmax(scores);
  const score = scores[0] ?? 0;
  // Each from its own exponential: 1 − p would lose the small one's digits.
  const [yes, no] = [1 / (1 + Math.exp(-score)), 1 / (1 + Math.exp(score))];
  return Float32Array.from(labels, (label) => (label === positive ? yes : no));
}

/** Natural logarithms of the probabilities of all classes at a temperature; one logit is for the second of two. */
export function logProbabilities(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const scores = divided(logits, temperature);
  if (scores.length > 1) return logSoftmax(scores);
  const [score = NaN] = scores;
  return Float64Array.of(-softplus(score), -softplus(-score));
}

function scaledBy(logits: Float32Array, { decision, labels, temperature }: DecisionRule): Float64Array {
  const expected = decision === 'binary' ? 1 : labels.length;
  if (logits.length !== expected) {
    throw new Error(`there must be ${expected} logits for one frame, there are ${logits.length}`);
  }
  return divided(logits, temperature);
}

/** A plain loop, here and below: with a thousand labels per frame, calls per value would cost more than the sums. */
function divided(logits: ArrayLike<number>, temperature: number): Float64Array {
  const scores = new Float64Array(logits.length);
  for (let i = 0; i < scores.length; i++) scores[i] = (logits[i] ?? NaN) / temperature;
  return scores;
}

/** log(1 + e^x), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function softmax(scores: Float64Array): Float32Array<ArrayBuffer> {
  const { largest, sum } = exponentials(scores);
  const result = new Float32Array(scores.length);
  for (let i = 0; i < result.length; i++) result[i] = Math.exp((scores[i] ?? NaN) - largest) / sum;
  return result;
}

/** In place. */
function logSoftmax(scores: Float64Array): Float64Array {
  const { largest, sum } = exponentials(scores);
  const logSum = largest + Math.log(sum);
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] ?? NaN) - logSum;
  return scores;
}

/** Σ e^(x − largest), which does not overflow. */
function exponentials(scores: Float64Array): { readonly largest: number; readonly sum: number } {
  let largest = -Infinity;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - largest);
  return { largest, sum };
}
