/** From photographs to a trained head: features, split, training with early stopping, calibration. */
import { decodeModel } from '../../onnx/wire.ts';
import { readFile } from 'node:fs/promises';
import type { Engine } from '../../engine/engine.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Card } from '../../model/card.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { cutBackbone, featureCount, type Backbone, type HeadKind } from './backbone.ts';
import { bestEpoch, type Course, type CourseOptions, type EndOfCourse } from './best-epoch.ts';
import { cardStatistics } from './card-statistics.ts';
import { photographFeatures, type FeatureOptions } from './features.ts';
import { classifyFeatures, fitHead, type HeadEpoch, type HeadState } from './fit-head.ts';
import { beginning } from './fit-network.ts';
import { subset, type HeadExamples } from './head-examples.ts';
import { initialHead, type HeadShape } from './head-graph.ts';
import { readPhotographs, type LabelledPhotographs, type Photograph } from './photographs.ts';
import { balancedClassWeights, labelRates, stratifiedSplit, type Split } from './split.ts';
import { fitTemperature } from './temperature.ts';

export interface HeadMaterialOptions {
  readonly folder: string;
  readonly bundle: Bundle;
  readonly head: HeadKind;
  /** Share of every class that is kept for validation, in (0, 1). */
  readonly validationShare: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal | undefined;
  readonly onFeatures?: FeatureOptions['onProgress'];
}

/** Photographs with a label each: what a set was read from, and its examples in that order. */
export interface LabelledExamples {
  readonly folder: string;
  readonly photographs: readonly Photograph[];
  readonly examples: HeadExamples;
  /** Files left out: copies of others, and what is no photograph. */
  readonly duplicates: readonly string[];
  readonly unreadable: readonly string[];
}

/** All that heads are trained from, whatever the learning rate. */
export interface HeadMaterial {
  readonly options: HeadMaterialOptions;
  readonly backbone: Backbone;
  readonly shape: HeadShape;
  readonly labels: readonly string[];
  readonly all: LabelledExamples;
  /** Of `all`. */
  readonly split: Split;
  readonly training: HeadExamples;
  readonly validation: HeadExamples;
  /** The photographs of the validation part, in the order of its examples. */
  readonly validationPhotographs: readonly Photograph[];
  readonly classWeights: readonly number[];
  readonly statistics: Card['statistics'];
}

/** Throws as `cutBackbone` does. */
export async function readBackbone({ modelPath, card }: Bundle): Promise<Backbone> {
  return cutBackbone(decodeModel(await readFile(modelPath)), card);
}

/** Reads the folder and computes the features. Throws a `UserError` as `readPhotographs` does. */
export async function headMaterial(options: HeadMaterialOptions): Promise<HeadMaterial> {
  const { bundle, head } = options;
  const set = await readPhotographs(options.folder);
  const backbone = await readBackbone(bundle);
  const { labelled, moments, graph } = await examplesOf(set, backbone, options);
  const { examples, photographs } = labelled;
  const classes = set.labels.length;
  const split = stratifiedSplit(examples.labels, options.validationShare, options.seed);
  const training = subset(examples, split.training);
  return {
    options,
    backbone,
    shape: { kind: head, features: featureCount(backbone, head), outputs: classes === 2 ? 1 : classes },
    labels: set.labels,
    all: labelled,
    split,
    training,
    validation: subset(examples, split.validation),
    validationPhotographs: split.validation.flatMap((index) => photographs[index] ?? []),
    classWeights: balancedClassWeights(training.labels, classes),
    statistics: {
      ...cardStatistics(
        split.training.flatMap((index) => moments[index] ?? []),
        graph,
      ),
      labelRates: labelRates(training.labels, classes),
    },
  };
}

/** Further photographs of the same classes, such as those of a test. */
export async function furtherExamples({ options, backbone, labels }: HeadMaterial, folder: string) {
  const { labelled } = await examplesOf(await readPhotographs(folder, labels), backbone, options);
  return labelled;
}

async function examplesOf(set: LabelledPhotographs, backbone: Backbone, options: HeadMaterialOptions) {
  const { onFeatures, ...rest } = options;
  const { rows, unreadable, graph } = await photographFeatures(set.photographs, {
    ...rest,
    backbone,
    ...(onFeatures && { onProgress: onFeatures }),
  });
  const labelled: LabelledExamples = {
    folder: set.folder,
    photographs: rows.map(({ photograph }) => photograph),
    examples: {
      features: rows.map(({ features }) => features),
      labels: rows.map(({ photograph }) => photograph.label),
      classes: set.labels.length,
    },
    duplicates: set.duplicates,
    unreadable,
  };
  return { labelled, graph, moments: rows.map(({ moments }) => moments) };
}

export interface TrainHeadOptions extends CourseOptions {
  readonly batch: number;
  readonly learningRate: number;
  readonly onEpoch?: (epoch: HeadEpoch) => void;
}

export interface TrainedHead extends Course {
  readonly stopped: EndOfCourse;
  readonly temperature: number;
  readonly validationLogits: readonly Float32Array[];
}

/** Trains a head and calibrates it on the validation part. Throws the signal's reason when aborted. */
export async function trainHead(material: HeadMaterial, options: TrainHeadOptions): Promise<TrainedHead> {
  const course = await bestEpoch(headEpochs(material, options), options);
  const { engine } = material.options;
  const logits = await classifyFeatures(engine, material.shape, course.best.state.parameters, material.validation);
  return { ...course, validationLogits: logits, temperature: fitTemperature(logits, material.validation.labels) };
}

/** One training, epoch by epoch, from its beginning or a state that an epoch left. */
export function headEpochs(
  { shape, training, validation, classWeights, options: { engine, seed } }: HeadMaterial,
  options: Pick<TrainHeadOptions, 'epochs' | 'batch' | 'learningRate'> & { readonly seed?: number },
  from?: HeadState,
): AsyncGenerator<HeadEpoch> {
  const trainingSeed = options.seed ?? seed;
  return fitHead(
    { shape, training, validation, classWeights, engine, ...options, seed: trainingSeed },
    from ?? beginning(initialHead(shape, trainingSeed)),
  );
}
