/** One number that makes probabilities mean what they say. */
import { logProbabilities } from './classification.ts';

const [lowest, highest] = [0.05, 20];

/**
 * The temperature at which the negative log-likelihood of the examples is lowest, between 0.05 and 20.
 *
 * The targets are Platt's, (n + 1) / (n + 2) for an example's class of n examples instead of 1: where a few
 * examples are all answered rightly, plain likelihood has no optimum and would claim certainty.
 *
 * Reference: Guo et al., arXiv 1706.04599; Platt 1999, section 2.2.
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const targetOf = (label: number) => ((counts.get(label) ?? 0) + 1) / ((counts.get(label) ?? 0) + 2);
  const loss = (logTemperature: number) => {
    const temperature = Math.exp(logTemperature);
    return labels.reduce((sum, label, i) => {
      const logs = logProbabilities(logits[i] ?? [], temperature);
      const right = targetOf(label);
      const wrong = (1 - right) / Math.max(1, logs.length - 1);
      return sum - logs.reduce((inner, log, k) => inner + log * (k === label ? right : wrong), 0);
    }, 0);
  };
  return Math.exp(goldenSection(loss, Math.log(lowest), Math.log(highest)));
}

/** Minimum of a function with one valley, to 1e-6. */
function goldenSection(f: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  while (high - low > 1e-6) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (f(a) <= f(b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}
