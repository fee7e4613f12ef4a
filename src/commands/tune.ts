/** `edge-cls tune`: looks for the learning rate, of a front end or of a head, and remembers it. */
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { defaults } from '../config/defaults.ts';
import { stateDirectory } from '../config/state-directory.ts';
import { systemClock } from '../domain/clock.ts';
import { deviceRequests, type DeviceRequest } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { runsAtOnce } from '../learning/fit/usual-settings.ts';
import { writeFittingDefault, type FittingKey } from '../learning/fitting-defaults.ts';
import { headKinds } from '../learning/head/backbone.ts';
import { starts } from '../learning/tuning/adapter-material.ts';
import { loadBundle } from '../model/bundle.ts';
import { floatBundle } from '../model/float-bundle.ts';
import { requestedModes } from '../model/geometry.ts';
import { assertPlotName, writePlot } from '../output/report/plot.ts';
import { writeReport } from '../output/report/report.ts';
import { openJournal } from '../search/journal.ts';
import type { Algorithm } from '../search/oracle.ts';
import { spaceSize } from '../search/probability.ts';
import { search, type SearchResult } from '../search/search.ts';
import type { Objective, TrialLog } from '../search/trial-log.ts';
import { withBundle } from './bundle-option.ts';
import { integerFrom, numberBetween, parseDuration } from './option-values.ts';
import { print } from './print.ts';
import { ProgressLine } from './progress-line.ts';
import { stopOnSignals } from './signals.ts';
import { searchProgress, trialTable, valuesText } from './tune/search-progress.ts';
import { searchSpace } from './tune/search-space.ts';
import { claimDirectory } from './tune/search-subject.ts';
import {
  adapterTarget,
  directoryName,
  headTarget,
  type TargetOptions,
  type TargetParts,
} from './tune/search-target.ts';
import { tuneCharts, tuneReport } from './tune/tune-report.ts';
import { settingsOf } from './tune/trials.ts';

const algorithms = ['asha', 'random', 'hyperband', 'bayesian'] as const satisfies readonly Algorithm[];
const objectives = { val_accuracy: 'max', val_loss: 'min' } as const;

interface TuneOptions extends TargetOptions {
  bundle: string;
  algorithm: Algorithm;
  lr: string;
  batch: string;
  trials?: number;
  epochs: number;
  executions: number;
  patience?: number;
  objective: keyof typeof objectives;
  budget?: number;
  directory?: string;
  report?: string;
  plot?: string;
  device: DeviceRequest;
  json?: true;
}

export function tuneCommand(): Command {
  const command = new Command('tune').argument('<folder>', 'holds a folder of photographs for each class');
  return withBundle(command, { says: 'whose front end or backbone it is', old: 'model' })
    .addOption(new Option('--target <what>', 'what is trained').choices(['head', 'adapter']).default('head'))
    .addOption(new Option('--head <kind>', 'of the target head').choices(headKinds).default('gap'))
    .option('--resolution <size>', 'of the target adapter: the camera, such as 1080p or 300x300', 'auto')
    .addOption(new Option('--geometry <mode>', 'as for run').choices(requestedModes).default('auto'))
    .addOption(new Option('--start <weights>', 'of the target adapter').choices(starts).default('closed-form'))
    .option('--limit <n>', 'frames of the target adapter at most', integerFrom(4, '--limit'), 300)
    .addOption(new Option('--algorithm <name>', 'how it is looked for').choices(algorithms).default('asha'))
    .option('--lr <values>', 'with commas between them, or a range such as 1e-5..1e-2', '1e-2,1e-3,1e-4,1e-5')
    .option('--batch <values>', 'with commas between them', '32')
    .option('--trials <n>', 'at most; by default all values, or 10 of a range', integerFrom(1, '--trials'))
    .option('--epochs <n>', 'of a whole training', integerFrom(1, '--epochs'), 5)
    .option('--executions <n>', 'trainings for each trial, averaged', integerFrom(1, '--executions'), 1)
    .option('--patience <n>', 'epochs without a better value that end a training', integerFrom(1, '--patience'))
    .addOption(
      new Option('--objective <metric>', 'what is to be best').choices(Object.keys(objectives)).default('val_accuracy'),
    )
    .option('--seed <n>', 'decides trials, split, first weights and order', integerFrom(1, '--seed'), 1)
    .option('--validation-split <share>', 'of each class', numberBetween(0, 1, '--validation-split'), 0.2)
    .option('--budget <time>', 'ends the search: 90s, 10m, 1h; started again it goes on', parseDuration)
    .option('--directory <directory>', "the search's journal, by default in the state directory")
    .option('--cache <directory>', "features of photographs are kept there; by default in the user's cache")
    .option('--report <file>', 'writes an HTML file: trials, curves, learning rate and score')
    .option('--plot <file>', 'the charts of the report as .svg or .png')
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .option('--json', 'print JSON')
    .action(tune);
}

async function tune(folder: string, options: TuneOptions): Promise<void> {
  const { space, batch } = searchSpace(options.lr, options.batch);
  if (options.plot !== undefined) assertPlotName(options.plot);
  const bundle = await floatBundle(await loadBundle(options.bundle));
  const objective: Objective = { name: options.objective, direction: objectives[options.objective] };
  const state = stateDirectory(defaults.state_directory);
  let journal = '';
  using stop = stopOnSignals(() =>
    journal === ''
      ? 'no trial has begun'
      : `the trials so far are kept in ${journal}; the same command goes on from there`,
  );
  await using engine = await onnxruntimeEngine({
    device: options.device,
    // Features of photographs go through one at a time.
    workers: options.target === 'adapter' ? runsAtOnce : 1,
  });
  using line = new ProgressLine();
  const parts = { folder, bundle, options, engine, line, batch, signal: stop.signal };
  await using target = options.target === 'head' ? await headTarget(parts) : await adapterTarget(parts);
  const directory = resolve(options.directory ?? join(state, 'tuning', directoryName(target.subject)));
  await claimDirectory(directory, target.subject);
  journal = directory;
  const { algorithm, epochs, executions } = options;
  const trials = options.trials ?? (Number.isFinite(spaceSize(space)) ? null : 10);
  const planned = Math.min(trials ?? Infinity, spaceSize(space));
  const result = await search({
    oracle: { algorithm },
    space,
    objective,
    runTrial: target.runTrial,
    journal: openJournal(directory),
    seed: options.seed,
    maxTrials: trials,
    epochs,
    executionsPerTrial: executions,
    signal: stop.signal,
    ...(options.budget !== undefined && { budgetSeconds: options.budget }),
    ...(options.patience !== undefined && { earlyStopping: { patience: options.patience } }),
    onProgress: searchProgress(line, { algorithm, trials: planned, epochs, executions }, objective, systemClock),
  });
  line.clear();
  const kept = await keep(state, target.key, result, { options, directory, batch });
  const facts = { directory, objective, stopped: result.stopped, epochs: result.epochs, fitting_defaults: kept };
  const shown = { ...target.subject, algorithm, seed: options.seed, ended: result.stopped, directory };
  if (options.report) {
    await writeReport(options.report, tuneReport({ result, objective, facts: Object.entries(shown) }));
  }
  if (options.plot) await writePlot(options.plot, tuneCharts(result, objective));
  print(options.json, { ...facts, best: result.best, trials: result.trials }, () => [
    ...trialTable(result.trials, objective),
    `ended: ${result.stopped}; ${result.epochs} epochs trained now; ${directory}`,
    ...bestLines(result.best, objective, kept),
  ]);
  stop.signal.throwIfAborted();
}

/** The path of what is kept for those who fit; `null` where no trial has completed. */
async function keep(
  state: string,
  key: FittingKey,
  { best }: SearchResult,
  {
    options,
    directory,
    batch,
  }: { readonly options: TuneOptions; readonly directory: string } & Pick<TargetParts, 'batch'>,
): Promise<string | null> {
  if (best?.score == null) return null;
  const settings = settingsOf(best.values, batch);
  return writeFittingDefault(state, key, {
    learning_rate: settings.learningRate,
    batch_size: settings.batch,
    objective: options.objective,
    score: best.score,
    algorithm: options.algorithm,
    directory,
    found_at: systemClock.date().toISOString(),
  });
}

function bestLines(best: TrialLog | null, { name }: Objective, kept: string | null): string[] {
  if (best === null || kept === null) return ['no trial has completed: nothing is kept'];
  return [`best: ${valuesText(best.values)} with ${name} ${best.score?.toFixed(4) ?? '-'}; kept in ${kept}`];
}
