/** One number that makes probabilities mean what they say. */
import { logProbabilities } from '../../domain/decision-rule.ts';

const [lowest, highest] = [0.05, 20];

/** Width of the prior of log T: a factor of 1.65 either way is as usual as not. */
const priorDeviation = 0.5;

const folds = 5;

/**
 * The temperature, between 0.05 and 20, that makes the examples likeliest, given that temperatures near 1 are usual:
 * where a few examples are all answered rightly, plain likelihood has no optimum and would claim certainty.
 * It is 1 unless such a fit lowers the negative log-likelihood of examples that it has not seen, in a
 * cross-validation with five folds: calibration on few examples must not do harm.
 *
 * Reference: Guo et al., arXiv 1706.04599.
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: readonly number[]): number {
  const fold = foldsOf(labels);
  const indices = [...labels.keys()];
  const among = (chosen: readonly number[]): Examples => ({
    logits: chosen.map((i) => logits[i] ?? []),
    labels: chosen.map((i) => labels[i] ?? 0),
  });
  let gain = 0;
  for (let k = 0; k < folds; k++) {
    const held = among(indices.filter((i) => fold[i] === k));
    const temperature = likeliest(among(indices.filter((i) => fold[i] !== k)));
    gain += loss(held, 1) - loss(held, temperature);
  }
  return gain > 0 ? likeliest({ logits, labels }) : 1;
}

interface Examples {
  readonly logits: readonly ArrayLike<number>[];
  readonly labels: readonly number[];
}

/** Every class is spread over all folds, in turn. */
function foldsOf(labels: readonly number[]): readonly number[] {
  const seen = new Map<number, number>();
  return labels.map((label) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return before % folds;
  });
}

/** Negative log-likelihood, a sum. */
function loss({ logits, labels }: Examples, temperature: number): number {
  return labels.reduce((sum, label, i) => sum - (logProbabilities(logits[i] ?? [], temperature)[label] ?? 0), 0);
}

function likeliest(examples: Examples): number {
  const cost = (logTemperature: number) =>
    loss(examples, Math.exp(logTemperature)) + 0.5 * (logTemperature / priorDeviation) ** 2;
  return Math.exp(goldenSection(cost, Math.log(lowest), Math.log(highest)));
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
