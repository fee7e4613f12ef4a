/** `edge-cls evaluate`: how good front ends are on labelled or unlabelled material, as it is and degraded. */
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { UsageError } from '../domain/errors.ts';
import { deviceRequests, type DeviceRequest } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { corruptionNames, parseCorruption, type Corruption } from '../learning/corruption/corruptions.ts';
import { cameraOf, type Camera } from '../learning/data/camera.ts';
import { compare, type Comparison, type Evaluation } from '../learning/evaluation/evaluation.ts';
import { evaluateCamera, hasReference } from '../learning/evaluation/evaluate-camera.ts';
import { openSessions } from '../learning/evaluation/sessions.ts';
import { randomStart } from '../learning/fit/random-start.ts';
import { seededRandom } from '../learning/random.ts';
import type { AdapterWeights } from '../model/adapter.ts';
import { readAdapter } from '../model/adapter-file.ts';
import { loadBundle, type Bundle } from '../model/bundle.ts';
import { closedForm } from '../model/closed-form.ts';
import { sizeText } from '../domain/frame.ts';
import { geometryKey, requestedModes, type RequestedMode } from '../model/geometry.ts';
import { parseResolution } from '../model/resolution.ts';
import { describeView, views, type ViewRequest } from '../model/view.ts';
import { findFfmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { withBundle } from './bundle-option.ts';
import { comparisonLines, evaluationLines } from './evaluation-text.ts';
import { integerFrom } from './option-values.ts';
import { print } from './print.ts';
import { progressBar, ProgressLine } from './progress-line.ts';
import { stopOnSignals } from './signals.ts';

interface EvaluateOptions {
  bundle: string;
  resolution: string;
  geometry: RequestedMode;
  view: ViewRequest;
  corruption: string[];
  adapter: string;
  compare?: string[];
  limit: number;
  seed: number;
  device: DeviceRequest;
  json?: true;
}

/** What is printed of one corruption. */
export interface EvaluationRow {
  readonly corruption: Corruption | undefined;
  readonly adapters: readonly { readonly name: string; readonly evaluation: Evaluation }[];
  readonly comparison: Comparison | undefined;
}

export function evaluateCommand(): Command {
  const command = new Command('evaluate').argument(
    '<source...>',
    'folders of pictures (labelled: a sub-folder per class), videos, addresses of streams',
  );
  return withBundle(command)
    .option('--resolution <size>', 'of the camera: 720p, 1080p, 4k, 1600x1200 …; pictures are brought to it', 'auto')
    .addOption(new Option('--geometry <mode>', 'as for run').choices(requestedModes).default('auto'))
    .addOption(new Option('--view <name>', 'what is looked at, as for run').choices(views).default('auto'))
    .addOption(
      new Option(
        '--corruption <name:severity>',
        `degrade the pictures, severity 1 to 5; several make a row each: ${corruptionNames.join(', ')}`,
      )
        .argParser((text, all: string[]) => [...all, ...text.split(',')])
        .default([], 'none'),
    )
    .option('--adapter <start>', 'closed-form, random, or an adapter file', 'closed-form')
    .option('--compare <adapters...>', 'two adapters, beside each other on the same frames')
    .option('--limit <n>', 'frames at most, spread over the material', integerFrom(1, '--limit'), 1000)
    .option('--seed <n>', 'decides which frames, and their noise', integerFrom(0, '--seed'), 1)
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .option('--json', 'print JSON')
    .action(evaluateAction);
}

async function evaluateAction(sources: string[], options: EvaluateOptions): Promise<void> {
  const corruptions = options.corruption.length === 0 ? [undefined] : options.corruption.map(parseCorruption);
  const names = adapterNames(options);
  const resolution = options.resolution === 'auto' ? 'auto' : parseResolution(options.resolution);
  const bundle = await loadBundle(options.bundle);
  const ffmpeg = await findFfmpeg();
  using stop = stopOnSignals(() => 'nothing is kept');
  const { signal } = stop;
  await using engine = await onnxruntimeEngine({ device: options.device });
  const { card } = bundle;
  const { device } = engine.report;
  const camera = await cameraOf(sources, {
    card,
    device,
    geometry: options.geometry,
    view: options.view,
    resolution,
    ffmpeg,
    signal,
  });
  const adapters = await Promise.all(
    names.map(async (name) => ({ name, weights: await weightsOf(name, bundle, camera, options.seed) })),
  );
  await using sessions = await openSessions(engine, bundle, camera.choice.geometry);
  using progress = new ProgressLine();
  const rows: EvaluationRow[] = [];
  const missing = new Set<string>();
  for (const corruption of corruptions) {
    const result = await evaluateCamera({
      camera,
      bundle,
      sessions,
      ffmpeg,
      corruption,
      adapters,
      signal,
      limit: options.limit,
      seed: options.seed,
      reference: hasReference(camera),
      onMissing: (sentence) => {
        // Each corruption reads the sources again.
        if (!missing.has(sentence)) progress.note(`edge-cls: ${sentence}`);
        missing.add(sentence);
      },
      onProgress: (what, done, total) =>
        progress.update(done === undefined || total === undefined ? what : `${what} ${progressBar(done, total, 0)}`),
    });
    const [first, second] = result.probabilities;
    rows.push({
      corruption,
      adapters: names.map((name, i) => ({ name, evaluation: evaluationAt(result.evaluations, i) })),
      comparison: first && second && compare(first, second, result.labels, seededRandom(options.seed)),
    });
  }
  progress.clear();
  const { geometry } = camera.choice;
  const facts = {
    bundle: card.name,
    native: sizeText(camera.native),
    looks_at: describeView(camera, camera.native),
    geometry: geometryKey(geometry),
    seed: options.seed,
  };
  print(options.json, { ...facts, device: engine.report, labels: card.output.labels, rows }, () => [
    `${facts.bundle}, pictures of ${facts.native}, looking at ${facts.looks_at}, front end ${facts.geometry}, on ${device}`,
    ...rows.flatMap((row) => rowLines(row, card.output.labels, hasReference(camera))),
  ]);
}

function rowLines(
  { corruption, adapters, comparison }: EvaluationRow,
  labels: readonly string[],
  referenced: boolean,
): string[] {
  return [
    '',
    corruption ? `${corruption.name}, severity ${corruption.severity}` : 'as they are',
    ...adapters.flatMap(({ name, evaluation }) => evaluationLines(name, evaluation, labels)),
    ...(referenced ? [] : ['  agreement          needs --resolution: the pictures have no common size to resize from']),
    ...(comparison ? comparisonLines(comparison, labels) : []),
  ];
}

function adapterNames({ adapter, compare: pair }: EvaluateOptions): readonly string[] {
  if (pair === undefined) return [adapter];
  if (pair.length === 2) return pair;
  throw new UsageError(`--compare must have two adapters (closed-form, random, or files), it has ${pair.length}`);
}

async function weightsOf(
  name: string,
  { card }: Bundle,
  { choice: { geometry } }: Camera,
  seed: number,
): Promise<AdapterWeights> {
  if (name === 'closed-form') return closedForm(geometry, card.resize.kernel).weights;
  if (name === 'random') return randomStart(seed);
  if (!existsSync(name))
    throw new UsageError(`an adapter must be closed-form, random or a file, but there is no ${name}`);
  return (await readAdapter(name, { bundleDigest: card.model.digest, geometry })).weights;
}

function evaluationAt(evaluations: readonly Evaluation[], index: number): Evaluation {
  const evaluation = evaluations[index];
  if (evaluation === undefined) throw new Error(`adapter ${index} was not evaluated`);
  return evaluation;
}
