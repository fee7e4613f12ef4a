/** Trainings as trials of a search: values in, an epoch's figures and a state that it goes on from out. */
import { deserialize, serialize } from 'node:v8';
import type { FitState } from '../../learning/fit/fit.ts';
import type { HeadState } from '../../learning/head/fit-head.ts';
import { headEpochs, type HeadMaterial } from '../../learning/head/train-head.ts';
import { adapterEpochs } from '../../learning/tuning/adapter-epochs.ts';
import type { AdapterMaterial } from '../../learning/tuning/adapter-material.ts';
import type { Values } from '../../search/space.ts';
import type { RunTrial } from '../../search/trial-runner.ts';
import { batchSizeName, learningRateName } from './search-space.ts';

/** A head on features that are there already. Executions of a trial differ in their seed. */
export function headTrial(material: HeadMaterial, batch: number | undefined): RunTrial {
  return async ({ values }, { execution, epochs, checkpoint, onEpoch }) => {
    const from = checkpoint === null ? undefined : (deserialize(checkpoint) as HeadState);
    const options = { epochs, ...settingsOf(values, batch), seed: material.options.seed + execution };
    for await (const { epoch, training, validation, state } of headEpochs(material, options, from)) {
      const metrics = {
        loss: training.loss,
        accuracy: training.accuracy,
        val_loss: validation.loss,
        val_accuracy: validation.accuracy,
      };
      if ((await onEpoch({ epoch, metrics, checkpoint: serialize(state) })) === 'stop') return;
    }
  };
}

/** A front end on labelled frames. Executions of a trial differ in their seed. */
export function adapterTrial(material: AdapterMaterial, batch: number | undefined): RunTrial {
  return async ({ values }, { execution, epochs, checkpoint, onEpoch, signal }) => {
    const from = checkpoint === null ? undefined : (deserialize(checkpoint) as FitState);
    const options = { epochs, ...settingsOf(values, batch), seed: material.options.seed + execution, signal };
    await adapterEpochs(
      material,
      {
        ...options,
        onEpoch: ({ epoch, trainingLoss, validation, state }) => {
          const metrics = { loss: trainingLoss, val_loss: validation.loss, val_accuracy: validation.accuracy };
          return onEpoch({ epoch, metrics, checkpoint: serialize(state) });
        },
      },
      from,
    );
  };
}

/** `batch`: where it is not searched. */
export function settingsOf(
  values: Values,
  batch: number | undefined,
): { readonly learningRate: number; readonly batch: number } {
  return { learningRate: Number(values[learningRateName]), batch: batch ?? Number(values[batchSizeName]) };
}
