/** Trains the last blocks of a backbone on, together with a head that has been trained before. */
import type { Card } from '../../model/card.ts';
import type { Backbone } from './backbone.ts';
import { bestEpoch, type Course, type CourseOptions, type EndOfCourse } from './best-epoch.ts';
import { scores, type Scores } from './classification.ts';
import { cutFeatures } from './cut-features.ts';
import { chosen, type ExampleSource } from './example-source.ts';
import type { FeatureOptions } from './features.ts';
import { digestOf, fineTuneStateFile } from './fine-tune-state.ts';
import {
  beginning,
  classifyExamples,
  fitNetwork,
  type NetworkEpoch,
  type NetworkFitOptions,
  type Parameters,
} from './fit-network.ts';
import type { Photograph } from './photographs.ts';
import { tailNetwork, tunedBackbone, type Tail } from './tail.ts';
import { tailStatistics } from './tail-statistics.ts';
import { fitTemperature } from './temperature.ts';
import type { HeadMaterial, TrainedHead } from './train-head.ts';

/** Of the learning rate of a head: what is pretrained is to be moved a little. */
export const fineTuneRateFactor = 0.1;

/** Photographs that go through the tail and back at once, whatever the batch. */
const atOnce = 8;

export interface FineTuneOptions extends CourseOptions {
  readonly batch: number;
  readonly learningRate: number;
  readonly onFeatures?: FeatureOptions['onProgress'];
  readonly onEpoch?: (epoch: NetworkEpoch) => void;
}

export interface FineTuned {
  readonly tail: Tail;
  readonly epochs: Course['epochs'];
  readonly stopped: EndOfCourse;
  /** On the validation part, of the head alone. */
  readonly before: Scores;
  readonly best: NetworkEpoch;
  /** Whether an epoch had a lower validation loss than the head alone; otherwise nothing below is to be used. */
  readonly taken: boolean;
  readonly backbone: Backbone;
  readonly headParameters: Parameters;
  readonly validationLogits: readonly Float32Array[];
  readonly temperature: number;
  readonly statistics: Card['statistics'];
  /** Of photographs that have been read. */
  classify(photographs: readonly Photograph[]): Promise<Float32Array[]>;
  /** Removes what a killed process would go on from. */
  forget(): Promise<void>;
}

/** Throws as `cutFeatures` does, and the signal's reason when aborted. */
export async function fineTune(
  material: HeadMaterial,
  head: Pick<TrainedHead, 'best'>,
  tail: Tail,
  options: FineTuneOptions,
): Promise<FineTuned> {
  const { engine } = material.options;
  const startedAt = options.clock.now();
  const network = tailNetwork(tail, material.shape);
  const featuresOf = (photographs: readonly Photograph[]) =>
    cutFeatures(photographs, {
      ...material.options,
      tail,
      ...(options.onFeatures && { onProgress: options.onFeatures }),
    });
  const all = await featuresOf(material.all.photographs);
  const training = chosen(all, material.split.training);
  const validation = chosen(all, material.split.validation);
  const classify = (parameters: Parameters, examples: ExampleSource) =>
    classifyExamples({ engine, network, classifiedAtOnce: atOnce }, parameters, examples);
  const start = [...tail.values, ...head.best.state.parameters];
  const before = scores(await classify(start, validation), validation.labels);
  const course = await tunedCourse(
    {
      network,
      training,
      validation,
      engine,
      atOnce,
      classifiedAtOnce: atOnce,
      ...settingsOf(material, options),
    },
    { material, tail, options: leftOf(options, startedAt), start, before },
  );
  const { parameters } = course.best.state;
  const values = parameters.slice(0, tail.values.length);
  const validationLogits = await classify(parameters, validation);
  return {
    tail,
    before,
    validationLogits,
    epochs: course.epochs,
    best: course.best,
    stopped: course.stopped,
    taken: course.best.epoch >= 0,
    backbone: tunedBackbone(material.backbone, tail, values),
    headParameters: parameters.slice(tail.values.length),
    temperature: fitTemperature(validationLogits, validation.labels),
    statistics: await tailStatistics(material.statistics, { tail, values, training, engine }),
    classify: async (photographs) => classify(parameters, await featuresOf(photographs)),
    forget: course.forget,
  };
}

/** The budget pays for what is computed before the first epoch, too. */
function leftOf(options: FineTuneOptions, startedAt: number): FineTuneOptions {
  const { budgetSeconds, clock } = options;
  if (budgetSeconds === undefined) return options;
  return { ...options, budgetSeconds: budgetSeconds - (clock.now() - startedAt) / 1000 };
}

function settingsOf({ classWeights, options: { seed } }: HeadMaterial, options: FineTuneOptions) {
  const { epochs, batch, learningRate } = options;
  return { classWeights, seed, epochs, batch, learningRate };
}

interface Beginning {
  readonly material: HeadMaterial;
  readonly tail: Tail;
  readonly options: FineTuneOptions;
  readonly start: Parameters;
  readonly before: Scores;
}

/** The state before the first epoch, the head alone, is a candidate like those after each. */
async function tunedCourse(fit: NetworkFitOptions, { material, tail, options, start, before }: Beginning) {
  const { bundle, engine, ffmpeg, validationShare, seed, cacheDirectory } = material.options;
  const file = fineTuneStateFile(cacheDirectory, {
    format: 1,
    base: bundle.card.model.digest,
    input: bundle.card.input,
    resize: bundle.card.resize,
    cut: tail.cut,
    shape: material.shape,
    seed,
    validationShare,
    atOnce,
    batch: options.batch,
    learningRate: options.learningRate,
    device: engine.report.device,
    threads: engine.report.threads,
    ffmpeg: ffmpeg.version,
    photographs: material.all.photographs.map(({ digest, label }) => [digest, label]),
    start: start.map((values) =>
      digestOf(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).toString('hex'),
    ),
  });
  const known = await file.read();
  const first = beginning(start);
  const candidate: NetworkEpoch = { epoch: -1, training: before, validation: before, state: first };
  const course = await bestEpoch(
    fitNetwork(fit, known?.last ?? first),
    {
      ...options,
      onEpoch: async (epoch, sofar) => {
        await file.write({ course: sofar, last: epoch.state });
        options.onEpoch?.(epoch);
      },
    },
    known?.course ?? { epochs: [], best: candidate },
  );
  return { ...course, forget: () => file.remove() };
}
