/** `edge-cls train`: a classifier for the user's own classes, from a folder of photographs for each. */
import { basename, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { cacheDirectory } from '../config/cache-directory.ts';
import { defaults } from '../config/defaults.ts';
import { stateDirectory } from '../config/state-directory.ts';
import { systemClock } from '../domain/clock.ts';
import { deviceRequests, type DeviceRequest } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { readFittingDefault } from '../learning/fitting-defaults.ts';
import { headKinds, type HeadKind } from '../learning/head/backbone.ts';
import { confusionMatrix, type Scores } from '../learning/head/classification.ts';
import type { TuningResult } from '../learning/head/fine-tuning.ts';
import { newBundleDirectory } from '../learning/head/new-bundle.ts';
import { newClassifier } from '../learning/head/new-classifier.ts';
import type { TestSet } from '../learning/head/test-set.ts';
import type { LabelledExamples, TrainedHead } from '../learning/head/train-head.ts';
import { loadBundle, type Bundle } from '../model/bundle.ts';
import { floatBundle } from '../model/float-bundle.ts';
import { assertPlotName } from '../output/report/plot.ts';
import { findFfmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { withBundle } from './bundle-option.ts';
import { featureProgress } from './feature-progress.ts';
import { integerFrom, numberBetween, parseDuration } from './option-values.ts';
import { print } from './print.ts';
import { duration, ProgressLine } from './progress-line.ts';
import { quoted } from './shell-words.ts';
import { stopOnSignals } from './signals.ts';
import { writeTrainReport } from './train-report.ts';
import { percent } from '../output/percent.ts';

interface TrainOptions {
  bundle: string;
  head: HeadKind;
  output: string;
  name?: string;
  test?: string;
  epochs: number;
  batch: number;
  lr?: number;
  patience: number;
  seed: number;
  validationSplit: number;
  budget?: number;
  cache?: string;
  fineTune: number;
  device: DeviceRequest;
  report?: string;
  plot?: string;
  json?: true;
}

export function trainCommand(): Command {
  const command = new Command('train').argument(
    '<folder>',
    'holds a folder of photographs for each class; the folders name the classes',
  );
  return withBundle(command, { says: 'whose backbone is used, frozen but for --fine-tune', old: 'base' })
    .addOption(
      new Option('--head <kind>', 'gap: average pooling, Dense; paper: Flatten, Dense 64, Dense')
        .choices(headKinds)
        .default('gap'),
    )
    .option('--output <directory>', 'the bundle becomes a directory in it', '.')
    .option('--name <name>', 'of the bundle; by default that of the folder')
    .option('--test <folder>', 'further photographs of the same classes to measure on, used for nothing else')
    .option('--epochs <n>', 'at most', integerFrom(1, '--epochs'), 50)
    .option('--batch <n>', 'photographs in a step', integerFrom(1, '--batch'), 32)
    .option('--lr <rate>', 'learning rate; by default what `tune` found, else 0.001', numberBetween(0, 10, '--lr'))
    .option('--patience <n>', 'epochs without a lower validation loss that end it', integerFrom(1, '--patience'), 8)
    .option('--seed <n>', 'decides split, first weights and order', integerFrom(0, '--seed'), 1)
    .option('--validation-split <share>', 'of each class', numberBetween(0, 1, '--validation-split'), 0.2)
    .option('--budget <time>', 'training ends at the first epoch after it: 90s, 10m, 1h', parseDuration)
    .option('--cache <directory>', "features of photographs are kept there; by default in the user's cache")
    .option(
      '--fine-tune <n>',
      'then trains at least the last n convolutions of the backbone on, for --epochs or what --budget leaves',
      integerFrom(0, '--fine-tune'),
      0,
    )
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .option('--report <file>', 'an HTML page: course, confusions, calibration, photographs right and wrong')
    .option('--plot <file>', 'accuracy and loss per epoch as .svg or .png')
    .option('--json', 'print JSON')
    .action(train);
}

async function train(folder: string, options: TrainOptions): Promise<void> {
  if (options.plot !== undefined) assertPlotName(options.plot);
  const startedAt = systemClock.now();
  const secondsSoFar = () => (systemClock.now() - startedAt) / 1000;
  const base = await floatBundle(await loadBundle(options.bundle));
  const name = options.name ?? nameFrom(folder);
  // Before the work that it would be in vain of.
  const directory = newBundleDirectory(options.output, name);
  const learningRate = options.lr ?? (await tunedLearningRate(base, options.head)) ?? 0.001;
  using stop = stopOnSignals(() => 'no bundle is written; the same command goes on from the features that are kept');
  await using engine = await onnxruntimeEngine({ device: options.device });
  using progress = new ProgressLine();
  const { epochs, batch, patience } = options;
  const { bundle, material, trained, tuning, final, test, seconds } = await newClassifier({
    material: {
      folder,
      bundle: base,
      head: options.head,
      engine,
      ffmpeg: await findFfmpeg(),
      signal: stop.signal,
      seed: options.seed,
      validationShare: options.validationSplit,
      cacheDirectory: options.cache ?? join(cacheDirectory(), 'features'),
      onFeatures: featureProgress(progress),
    },
    name,
    directory,
    epochs,
    batch,
    patience,
    learningRate,
    budgetSeconds: options.budget,
    fineTune: options.fineTune,
    test: options.test,
    clock: systemClock,
    onEpoch: ({ epoch, training, validation }, part) =>
      progress.update(
        `${part === 'head' ? '' : 'fine-tuning, '}epoch ${epoch + 1} of at most ${epochs}: ` +
          `loss ${training.loss.toFixed(4)}, validation loss ${validation.loss.toFixed(4)}, ` +
          `accuracy ${percent(validation.accuracy)}, ${secondsSoFar().toFixed(0)} s`,
      ),
  });
  await writeTrainReport(options, {
    material,
    trained,
    tuning,
    bundle,
    test,
    facts: [
      ['bundle', name],
      ['digest', bundle.card.model.digest],
      ['base', base.card.name],
      ['base digest', base.card.model.digest],
      ['head', options.head],
      ['photographs', material.all.photographs.length],
      ['learning rate', learningRate],
      ...(tuning ? ([['learning rate of the fine-tuning', tuning.learningRate]] as const) : []),
      ['batch', batch],
      ['seed', options.seed],
      ['temperature', final.temperature],
      ['device', engine.report.device],
      ['time of the features', { value: seconds.features, unit: 'seconds' }],
      ['time of the training', { value: seconds.training, unit: 'seconds' }],
    ],
  });
  progress.clear();
  const result = {
    bundle: bundle.directory,
    base: base.card.name,
    head: options.head,
    labels: material.labels,
    photographs: material.all.photographs.length,
    left_out: { duplicates: material.all.duplicates, unreadable: material.all.unreadable },
    learning_rate: learningRate,
    epochs: trained.epochs.length,
    best_epoch: trained.best.epoch + 1,
    stopped: trained.stopped,
    ...(tuning && { fine_tuning: tuningFigures(tuning, test?.before) }),
    validation: {
      ...final.best.validation,
      photographs: material.validation.labels.length,
      confusion: confusionMatrix(final.validationLogits, material.validation.labels, material.labels.length),
    },
    ...(test && { test: test.figures }),
    temperature: final.temperature,
    seconds: { ...seconds, all: secondsSoFar() },
    digest: bundle.card.model.digest,
  };
  print(options.json, result, () => [
    `${bundle.directory}: ${bundle.card.title}`,
    `photographs  ${result.photographs} (${duplicateText(material.all)})`,
    `training     ${result.epochs} epochs at ${learningRate}, the weights of epoch ${result.best_epoch} kept (ended: ${endText(trained.stopped)})`,
    ...(tuning ? [`fine-tuning  ${tuning.text}`] : []),
    `validation   ${percent(final.best.validation.accuracy)} of ${result.validation.photographs} photographs, loss ${final.best.validation.loss.toFixed(4)}`,
    ...(test
      ? [`test         ${percent(test.figures.accuracy)} of ${test.figures.photographs} photographs${beforeText(test)}`]
      : []),
    `temperature  ${final.temperature.toFixed(3)}`,
    `time         ${duration(secondsSoFar())}: features ${duration(seconds.features)}, training ${duration(seconds.training)}`,
    `use it       edge-cls run --bundle ${quoted(bundle.directory)} SOURCE`,
  ]);
}

/** As a bundle may be called. */
function nameFrom(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-');
  return name.replace(/^[^a-z0-9]+/, '') || 'classifier';
}

async function tunedLearningRate({ card }: Bundle, head: HeadKind): Promise<number | undefined> {
  const key = { target: 'head', bundleDigest: card.model.digest, variant: head } as const;
  return (await readFittingDefault(stateDirectory(defaults.state_directory), key))?.learning_rate;
}

function duplicateText({ duplicates, unreadable }: LabelledExamples): string {
  return `${duplicates.length} more are copies, ${unreadable.length} cannot be read`;
}

function endText(stopped: TrainedHead['stopped']): string {
  return { epochs: 'all epochs', early: 'no lower validation loss', budget: 'the time was up' }[stopped];
}

function beforeText({ before }: TestSet): string {
  return before === undefined ? '' : `, ${percent(before.accuracy)} before fine-tuning`;
}

/** For `--json`. `testBefore`: of the head alone. */
function tuningFigures({ fineTuned, taken, learningRate, text }: TuningResult, testBefore: Scores | undefined) {
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
