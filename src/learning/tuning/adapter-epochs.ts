/** A front end trained on labels at a constant learning rate, epoch by epoch, as the paper does it. */
import { fit, type FitState } from '../fit/fit.ts';
import { framesAtOnce, StepGradient } from '../fit/step-gradient.ts';
import { scores, type Scores } from '../head/classification.ts';
import { mean } from '../mean.ts';
import { labelsPiece } from '../loss/labels.ts';
import { Observer } from '../statistics/observe.ts';
import type { AdapterMaterial } from './adapter-material.ts';

export interface AdapterEpoch {
  /** From 0. */
  readonly epoch: number;
  /** Mean loss of the epoch's steps. */
  readonly trainingLoss: number;
  readonly validation: Scores;
  readonly state: FitState;
}

export interface AdapterEpochOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Decides the order of the frames, and the first weights where these are random. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** The next epoch waits for it. */
  readonly onEpoch: (epoch: AdapterEpoch) => Promise<'continue' | 'stop'>;
}

const observedBatch = 16;

/** Trains from a state on, up to the last epoch or to `stop`. Throws a `DivergedError`, and the signal's reason. */
export async function adapterEpochs(
  material: AdapterMaterial,
  options: AdapterEpochOptions,
  from?: FitState,
): Promise<void> {
  const { batch, epochs, learningRate, seed, onEpoch, signal } = options;
  const { geometry, classifier, frames, labels, split } = material;
  const { bundle, engine } = material.options;
  const { card } = bundle;
  const start = material.start(seed);
  const perEpoch = Math.ceil(split.training.length / batch);
  const pieces = [labelsPiece(card.output, labels)];
  const common = { classifier, card, geometry };
  await using observer = await Observer.load(engine, { ...common, batch: observedBatch, logits: true });
  const parts = { ...common, frames, pieces, batch: framesAtOnce(batch, engine) };
  await using gradient = await StepGradient.load(engine, parts);
  let losses: number[] = [];
  await fit(
    {
      gradient,
      indices: split.training,
      schedule: () => 1,
      settings: {
        batch,
        seed,
        warmUp: 0,
        pull: 0,
        clipNorm: Infinity,
        steps: epochs * perEpoch,
        learningRate: { conv1: learningRate, conv2: learningRate },
      },
    },
    {
      start,
      from,
      signal,
      until: async ({ step, loss }, after) => {
        losses.push(loss);
        if (step % perEpoch !== 0) return false;
        const epoch = step / perEpoch - 1;
        const validation = await validated(observer, material, after);
        const trainingLoss = mean(losses);
        losses = [];
        return (await onEpoch({ epoch, trainingLoss, validation, state: after })) === 'stop';
      },
    },
  );
}

async function validated(
  observer: Observer,
  { frames, split, labels, options: { bundle, signal } }: AdapterMaterial,
  { weights }: FitState,
): Promise<Scores> {
  const { logits } = await observer.observe(frames, split.validation, weights, signal);
  const { decision, positive, labels: names } = bundle.card.output;
  // `scores` reads one logit as the second class's.
  const flip = decision === 'binary' && positive === names[0];
  return scores(
    flip ? logits.map((row) => row.map((z) => -z)) : logits,
    split.validation.map((index) => labels[index] ?? -1),
  );
}
