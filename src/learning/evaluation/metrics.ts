/** Figures of merit of classifications, from probabilities alone. */
import { argmax } from '../../domain/argmax.ts';
import { mean } from '../mean.ts';
import { quantile } from './intervals.ts';

/** One array per frame: probabilities of the labels, in their order, summing to 1. */
export type Probabilities = readonly Float32Array[];

/** Below this a probability counts as this: a certainty that was wrong is not infinitely wrong. */
const smallest = 1e-7;

/** Rows: true classes; columns: answers; counts. What has no label is left out. */
export function confusionOf(answers: readonly number[], labels: ArrayLike<number>, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  answers.forEach((answer, n) => {
    const row = matrix[labels[n] ?? -1];
    if (row) row[answer] = (row[answer] ?? 0) + 1;
  });
  return matrix;
}

/** Mean of Σᵢ pᵢ ln(pᵢ / qᵢ) in nats, p the teacher's probabilities. */
export function meanKl(teacher: Probabilities, student: Probabilities): number {
  return mean(
    teacher.map((p, n) => {
      const q = student[n];
      return p.reduce(
        (sum, value, i) => (value <= 0 ? sum : sum + value * Math.log(value / Math.max(smallest, q?.[i] ?? 0))),
        0,
      );
    }),
  );
}

/** Mean of −ln of the probability of the true label, nats. */
export function negativeLogLikelihood(probabilities: Probabilities, labels: ArrayLike<number>): number {
  return mean(probabilities.map((p, n) => -Math.log(Math.max(smallest, p[labels[n] ?? 0] ?? 0))));
}

/** Of one bin of confidence: how many frames, how sure of them, how many of them right. */
export interface ReliabilityBin {
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** Bins of equal width over (0, 1] by the largest probability; empty ones have NaN. */
export function reliability(
  probabilities: Probabilities,
  labels: ArrayLike<number>,
  bins = 15,
): readonly ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  probabilities.forEach((p, n) => {
    const best = argmax(p);
    const confidence = p[best] ?? 0;
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))];
    if (bin === undefined) return;
    bin.count++;
    bin.confidence += confidence;
    if (best === labels[n]) bin.right++;
  });
  return sums.map(({ count, confidence, right }) => ({
    count,
    confidence: confidence / count,
    accuracy: right / count,
  }));
}

/**
 * Expected calibration error: Σ (n_b / n) · |accuracy_b − confidence_b|.
 * Reference: Guo et al. 2017, arXiv 1706.04599.
 */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  return bins.reduce(
    (sum, { count, accuracy, confidence }) =>
      count === 0 ? sum : sum + (count / total) * Math.abs(accuracy - confidence),
    0,
  );
}

/** Share of the frames that each label is the first answer to. */
export function classRates(probabilities: Probabilities, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const p of probabilities) {
    const best = argmax(p);
    counts[best] = (counts[best] ?? 0) + 1;
  }
  return counts.map((count) => count / probabilities.length);
}

export function meanConfidence(probabilities: Probabilities): number {
  return mean(probabilities.map((p) => p[argmax(p)] ?? 0));
}

/** Frames whose first answer changed, by what it was and became. */
export interface Flip {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Most frequent first. */
export function flips(before: Probabilities, after: Probabilities): readonly Flip[] {
  const counts = new Map<string, Flip>();
  before.forEach((p, n) => {
    const from = argmax(p);
    const to = argmax(after[n] ?? p);
    if (from === to) return;
    const key = `${from} ${to}`;
    counts.set(key, { from, to, count: (counts.get(key)?.count ?? 0) + 1 });
  });
  return [...counts.values()].toSorted((a, b) => b.count - a.count || a.from - b.from || a.to - b.to);
}

/** How far the probability of the first answer moves on all but 5 % of the frames. */
export function probabilityShift95(before: Probabilities, after: Probabilities): number {
  const shifts = before.map((p, n) => {
    const best = argmax(p);
    return Math.abs((p[best] ?? 0) - (after[n]?.[best] ?? 0));
  });
  return quantile(
    shifts.toSorted((a, b) => a - b),
    0.95,
  );
}
