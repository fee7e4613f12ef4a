/** What logits say about examples whose classes are known. */
import { argmax } from '../../domain/argmax.ts';
import { logSumExp } from '../../domain/log-sum-exp.ts';
import { confusionOf } from '../evaluation/metrics.ts';

export interface Scores {
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  /** Share of right answers, 0 to 1. */
  readonly accuracy: number;
}

/** Class of the largest probability; one logit is for the second of two classes, at 0. */
export function answerOf(logits: ArrayLike<number>): number {
  if (logits.length === 1) return (logits[0] ?? 0) >= 0 ? 1 : 0;
  return argmax(logits);
}

/** Natural logarithms of the probabilities of all classes at a temperature. */
export function logProbabilities(logits: ArrayLike<number>, temperature = 1): number[] {
  if (logits.length === 1) {
    const z = (logits[0] ?? 0) / temperature;
    return [-softplus(z), -softplus(-z)];
  }
  const scaled = Array.from(logits, (z) => z / temperature);
  const logSum = logSumExp(scaled);
  return scaled.map((z) => z - logSum);
}

function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

export function scores(logits: readonly ArrayLike<number>[], labels: readonly number[]): Scores {
  let loss = 0;
  let right = 0;
  labels.forEach((label, i) => {
    const row = logits[i] ?? [];
    loss -= logProbabilities(row)[label] ?? NaN;
    if (answerOf(row) === label) right++;
  });
  return { loss: loss / labels.length, accuracy: right / labels.length };
}

/** Rows: true classes; columns: answers; counts. */
export function confusionMatrix(
  logits: readonly ArrayLike<number>[],
  labels: readonly number[],
  classes: number,
): number[][] {
  return confusionOf(logits.map(answerOf), labels, classes);
}
