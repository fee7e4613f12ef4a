/** A classifier of somebody's own classes: from folders of photographs to a bundle that was measured. */
import { basename } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { NetworkEpoch } from './fit-network.ts';
import { tuned, type TuningResult } from './fine-tuning.ts';
import { writeBundle } from './new-bundle.ts';
import { cutTail } from './tail.ts';
import { measuredOn, type TestSet } from './test-set.ts';
import {
  headMaterial,
  readBackbone,
  trainHead,
  type HeadMaterial,
  type HeadMaterialOptions,
  type TrainedHead,
} from './train-head.ts';

export interface NewClassifierOptions {
  /** What is learned from, and the base that it is learned on. */
  readonly material: HeadMaterialOptions;
  /** Of the bundle: its name, and the directory that it becomes. */
  readonly name: string;
  readonly directory: string;
  readonly epochs: number;
  readonly batch: number;
  readonly patience: number;
  readonly learningRate: number;
  /** Of features and training together. */
  readonly budgetSeconds: number | undefined;
  /** Convolutions that are trained on at least; 0 is none. */
  readonly fineTune: number;
  /** A folder of further photographs to measure on. */
  readonly test: string | undefined;
  readonly clock: Clock;
  readonly onEpoch: (epoch: NetworkEpoch, part: 'head' | 'fine-tuning') => void;
}

export interface NewClassifier {
  readonly bundle: Bundle;
  readonly material: HeadMaterial;
  readonly trained: TrainedHead;
  readonly tuning: TuningResult | undefined;
  /** What the bundle was made of: the fine-tuned network where it was taken, else the head. */
  readonly final: Pick<TrainedHead, 'best' | 'temperature' | 'validationLogits'>;
  readonly test: TestSet | undefined;
  readonly seconds: { readonly features: number; readonly training: number };
}

/** Throws a `UserError` for photographs or a backbone that do not do, and the signal's reason. */
export async function newClassifier(options: NewClassifierOptions): Promise<NewClassifier> {
  const { directory, name, clock, budgetSeconds, epochs, batch, patience } = options;
  const { bundle: base, engine, signal, onFeatures } = options.material;
  const startedAt = clock.now();
  const secondsSoFar = () => (clock.now() - startedAt) / 1000;
  const tail = options.fineTune > 0 ? cutTail(await readBackbone(base), base.card, options.fineTune) : undefined;
  const material = await headMaterial(options.material);
  const features = secondsSoFar();
  const course = { epochs, batch, patience, clock, signal };
  const trained = await trainHead(material, {
    ...course,
    learningRate: options.learningRate,
    budgetSeconds: budgetSeconds === undefined ? undefined : Math.max(0, budgetSeconds - features),
    onEpoch: (epoch) => options.onEpoch(epoch, 'head'),
  });
  const tuning =
    tail &&
    (await tuned(material, trained, tail, {
      ...course,
      headRate: options.learningRate,
      budgetSeconds: budgetSeconds === undefined ? undefined : budgetSeconds - secondsSoFar(),
      ...(onFeatures && { onFeatures }),
      onEpoch: (epoch) => options.onEpoch(epoch, 'fine-tuning'),
    }));
  const training = secondsSoFar() - features;
  const taken = tuning?.taken;
  const final = taken ?? trained;
  const test = options.test === undefined ? undefined : await measuredOn(material, trained, taken, options.test);
  const bundle = await writeBundle({
    directory,
    name,
    base,
    backbone: taken?.backbone ?? material.backbone,
    shape: material.shape,
    engine,
    tuned: taken?.tail,
    parameters: taken?.headParameters ?? trained.best.state.parameters,
    labels: material.labels,
    temperature: final.temperature,
    statistics: taken?.statistics ?? material.statistics,
    accuracy: accuraciesOf(material, final, test),
  });
  await tuning?.fineTuned?.forget();
  return { bundle, material, trained, tuning, final, test, seconds: { features, training } };
}

function accuraciesOf(
  material: HeadMaterial,
  { best }: Pick<TrainedHead, 'best'>,
  test: TestSet | undefined,
): Bundle['card']['accuracy'] {
  const { kernel, fit } = material.options.bundle.card.resize;
  const { width, height } = material.options.bundle.card.input;
  const resize = `${kernel} to ${width}×${height}, ${fit === 'crop' ? 'cropped' : 'stretched'}`;
  const validation = {
    data: `${basename(material.all.folder)}, its validation part, by which the epoch was chosen`,
    images: material.validation.labels.length,
    value: best.validation.accuracy,
    resize,
  };
  if (test === undefined) return [validation];
  const { photographs, accuracy } = test.figures;
  return [
    { data: `${basename(test.set.folder)}, used for nothing else`, images: photographs, value: accuracy, resize },
    validation,
  ];
}
