/** Fine-tuning after a head: the last convolutions of the backbone are trained on, where there is time and it helps. */
import { fineTune, fineTuneRateFactor, type FineTuned, type FineTuneOptions } from './fine-tune.ts';
import { lastConvolutions, type Tail } from './tail.ts';
import type { HeadMaterial, TrainedHead } from './train-head.ts';

export interface TuningResult {
  /** Undefined where no time was left for it. */
  readonly fineTuned: FineTuned | undefined;
  /** The same where it is better than the head alone. */
  readonly taken: FineTuned | undefined;
  readonly learningRate: number;
  /** What came of it, in a sentence. */
  readonly text: string;
}

/** `headRate`: the learning rate of the head. `budgetSeconds`: what is left of it. */
export async function tuned(
  material: HeadMaterial,
  head: TrainedHead,
  tail: Tail,
  { headRate, ...options }: Omit<FineTuneOptions, 'learningRate'> & { readonly headRate: number },
): Promise<TuningResult> {
  // Not 0.1 · 0.003 = 0.00030000000000000003: it is shown.
  const learningRate = Number((fineTuneRateFactor * headRate).toPrecision(12));
  if (options.budgetSeconds !== undefined && options.budgetSeconds <= 0) {
    return { fineTuned: undefined, taken: undefined, learningRate, text: timeWasUp };
  }
  const fineTuned = await fineTune(material, head, tail, { ...options, learningRate });
  return { fineTuned, taken: fineTuned.taken ? fineTuned : undefined, learningRate, text: textOf(fineTuned) };
}

const timeWasUp = 'The time was up before fine-tuning: the backbone is as it was.';

function textOf({ taken, tail, before, best, epochs }: FineTuned): string {
  const [lowest] = taken ? [best] : epochs.toSorted((a, b) => a.validation.loss - b.validation.loss);
  if (lowest === undefined) return timeWasUp;
  const losses = `validation loss ${before.loss.toFixed(4)} before, ${lowest.validation.loss.toFixed(4)} after`;
  if (!taken) return `Fine-tuning did not lower the validation loss and is not taken (${losses}).`;
  return `With the ${lastConvolutions(tail)} fine-tuned, the weights of epoch ${best.epoch + 1} of ${epochs.length} are kept (${losses}).`;
}
