/** From the network's raw outputs to probabilities that mean what they say. */

/** What of a bundle's card decides how its outputs are read. */
export interface DecisionRule {
  readonly output: {
    /** `binary`: one logit, for the label `positive`; `softmax`: one logit per label. */
    readonly decision: 'binary' | 'softmax';
    readonly labels: readonly string[];
    readonly positive?: string | undefined;
    /** Logits are divided by it (temperature scaling, arXiv 1706.04599); above 0. */
    readonly temperature: number;
  };
}

/**
 * Calibrated probabilities, one per label, in the order of the labels; they sum to 1.
 *
 * Binary: p = 1 / (1 + e^(−z/T)) for `positive`, 1 − p for the other. Softmax: e^(zᵢ/T) / Σ e^(zⱼ/T).
 */
export function probabilities(logits: Float32Array, { output }: DecisionRule): Float32Array<ArrayBuffer> {
  const expected = output.decision === 'binary' ? 1 : output.labels.length;
  if (logits.length !== expected) {
    throw new Error(`there must be ${expected} logits for one image, there are ${logits.length}`);
  }
  return output.decision === 'binary' ? binary(logits[0] ?? 0, output) : softmax(logits, output.temperature);
}

function binary(logit: number, { labels, positive, temperature }: DecisionRule['output']): Float32Array<ArrayBuffer> {
  const scaled = logit / temperature;
  // Both from their own exponential: 1 − p would lose the small one's digits.
  const yes = 1 / (1 + Math.exp(-scaled));
  const no = 1 / (1 + Math.exp(scaled));
  return Float32Array.from(labels, (label) => (label === positive ? yes : no));
}

function softmax(logits: Float32Array, temperature: number): Float32Array<ArrayBuffer> {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}
