/** What logits say about examples whose classes are known. */
import { argmax } from '../../domain/argmax.ts';
import { logProbabilities } from '../../domain/decision-rule.ts';
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
