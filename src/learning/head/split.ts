/** Which examples are trained on, and which are kept to choose and to calibrate by. */
import { seededRandom } from '../../domain/random.ts';

export interface Split {
  /** Indices, rising. */
  readonly training: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Takes the share of every class, rounded, at least one and never all: classes are as frequent in both parts.
 *
 * `labels`: class of each example. `share`: of the validation part, in (0, 1). The seed decides which.
 */
export function stratifiedSplit(labels: readonly number[], share: number, seed: number): Split {
  const random = seededRandom(seed);
  const validation = new Set<number>();
  for (const label of [...new Set(labels)].sort((a, b) => a - b)) {
    const members = labels.flatMap((given, index) => (given === label ? [index] : []));
    const count = Math.min(members.length - 1, Math.max(1, Math.round(share * members.length)));
    for (const index of random.shuffled(members).slice(0, count)) validation.add(index);
  }
  const indices = labels.map((_, index) => index);
  return {
    training: indices.filter((index) => !validation.has(index)),
    validation: indices.filter((index) => validation.has(index)),
  };
}

/**
 * Weights of the classes that make each count as much: examples / (classes · examples of the class).
 *
 * Reference: scikit-learn's `class_weight="balanced"`, after King and Zeng 2001.
 */
export function balancedClassWeights(labels: readonly number[], classes: number): readonly number[] {
  return labelRates(labels, classes).map((rate) => (rate === 0 ? 0 : 1 / (classes * rate)));
}

/** Share of the examples that have each label. */
export function labelRates(labels: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) => count / labels.length);
}
