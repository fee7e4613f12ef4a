/** `train --fine-tune`: the last convolutions of the backbone are trained on, where there is time and it helps. */
import { systemClock } from '../domain/clock.ts';
import type { Scores } from '../learning/head/classification.ts';
import { fineTune, fineTuneRateFactor, type FineTuned } from '../learning/head/fine-tune.ts';
import { lastConvolutions, type Tail } from '../learning/head/tail.ts';
import type { HeadMaterial, TrainedHead } from '../learning/head/train-head.ts';
import { percent } from '../output/percent.ts';
import { featureProgress } from './feature-progress.ts';
import type { ProgressLine } from './progress-line.ts';

export interface TuningResult {
  /** Undefined where no time was left for it. */
  readonly fineTuned: FineTuned | undefined;
  /** The same where it is better than the head alone. */
  readonly taken: FineTuned | undefined;
  readonly learningRate: number;
  /** What came of it, in a sentence. */
  readonly text: string;
}

export interface TuningOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly patience: number;
  /** That of the head. */
  readonly headRate: number;
  /** What the budget leaves. */
  readonly budgetSeconds: number | undefined;
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

export async function tuned(
  material: HeadMaterial,
  head: TrainedHead,
  tail: Tail,
  { headRate, progress, ...options }: TuningOptions,
): Promise<TuningResult> {
  // Not 0.1 · 0.003 = 0.00030000000000000003: it is shown.
  const learningRate = Number((fineTuneRateFactor * headRate).toPrecision(12));
  if (options.budgetSeconds !== undefined && options.budgetSeconds <= 0) {
    return { fineTuned: undefined, taken: undefined, learningRate, text: timeWasUp };
  }
  const startedAt = systemClock.now();
  const fineTuned = await fineTune(material, head, tail, {
    ...options,
    learningRate,
    clock: systemClock,
    onFeatures: featureProgress(progress),
    onEpoch: ({ epoch, training, validation }) =>
      progress.update(
        `fine-tuning, epoch ${epoch + 1} of at most ${options.epochs}: loss ${training.loss.toFixed(4)}, ` +
          `validation loss ${validation.loss.toFixed(4)}, accuracy ${percent(validation.accuracy)}, ` +
          `${((systemClock.now() - startedAt) / 1000).toFixed(0)} s`,
      ),
  });
  const taken = fineTuned.taken ? fineTuned : undefined;
  return { fineTuned, taken, learningRate, text: textOf(fineTuned) };
}

const timeWasUp = 'The time was up before fine-tuning: the backbone is as it was.';

function textOf({ taken, tail, before, best, epochs }: FineTuned): string {
  const [lowest] = taken ? [best] : epochs.toSorted((a, b) => a.validation.loss - b.validation.loss);
  if (lowest === undefined) return timeWasUp;
  const losses = `validation loss ${before.loss.toFixed(4)} before, ${lowest.validation.loss.toFixed(4)} after`;
  if (!taken) return `Fine-tuning did not lower the validation loss and is not taken (${losses}).`;
  return `With the ${lastConvolutions(tail)} fine-tuned, the weights of epoch ${best.epoch + 1} of ${epochs.length} are kept (${losses}).`;
}

/** For `--json`. `testBefore`: of the head alone. */
export function tuningFigures({ fineTuned, taken, learningRate, text }: TuningResult, testBefore: Scores | undefined) {
  return {
    taken: taken !== undefined,
    text,
    learning_rate: learningRate,
    ...(fineTuned && {
      convolutions: fineTuned.tail.convolutions,
      cut: fineTuned.tail.cut,
      epochs: fineTuned.epochs.length,
      best_epoch: fineTuned.best.epoch + 1,
      stopped: fineTuned.stopped,
      validation_before: fineTuned.before,
    }),
    ...(testBefore && { test_before: testBefore }),
  };
}
