/** `edge-cls adapt`: fits the 528 values of a front end to a camera, and takes them only where they help. */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { defaults } from '../config/defaults.ts';
import { installedConfig } from '../config/installed-config.ts';
import { loadConfig } from '../config/load.ts';
import type { Config, StreamConfig } from '../config/schema.ts';
import { stateDirectory } from '../config/state-directory.ts';
import { UsageError } from '../domain/errors.ts';
import { deviceRequests, type DeviceRequest } from '../engine/engine.ts';
import { fitCamera, type CameraFit } from '../learning/camera-fit/fit-camera.ts';
import { recordBaseline } from '../learning/camera-fit/record-baseline.ts';
import type { AdaptProgress } from '../learning/fit/adapt.ts';
import { readFitRecord, type FitRequest } from '../learning/fit/fit-record.ts';
import { objectives, type Objective } from '../learning/fit/stages.ts';
import { usualSettings } from '../learning/fit/usual-settings.ts';
import { bundleDirectories, loadBundle } from '../model/bundle.ts';
import { floatBundle } from '../model/float-bundle.ts';
import { requestedModes, type RequestedMode } from '../model/geometry.ts';
import { views, type ViewRequest } from '../model/view.ts';
import { configuredFfmpeg } from '../daemon/configured-parts.ts';
import { withBundle } from './bundle-option.ts';
import { integerFrom, numberBetween, parseDuration } from './option-values.ts';
import { print } from './print.ts';
import { duration, progressBar, ProgressLine } from './progress-line.ts';
import { stopOnSignals } from './signals.ts';

interface AdaptOptions {
  config?: string;
  resolution: string;
  region?: string;
  photographs?: string;
  bundle: string;
  geometry: RequestedMode;
  view: ViewRequest;
  init: string;
  objective: 'auto' | Objective;
  target: 'auto' | FitRequest['target'];
  stream?: string;
  frames: number;
  epochs?: number;
  lr?: number;
  batch: number;
  seed: number;
  budget: number;
  force?: true;
  recordBaseline?: true;
  offer?: true;
  replay?: string;
  state?: string;
  device: DeviceRequest;
  json?: true;
}

export function adaptCommand(): Command {
  const command = new Command('adapt').argument(
    '[source...]',
    'folders of pictures (labelled: a sub-folder per class), videos, addresses of streams',
  );
  return withBundle(command)
    .option(
      '--resolution <size>',
      'of the camera: 720p, 1080p, 4k, 1600x1200 …; by default that of the first source',
      'auto',
    )
    .option(
      '-c, --config <file>',
      `with --stream and without a source: the stream is what this configuration says, by default ${installedConfig}`,
    )
    .option('--region <x,y,w,h>', 'part of the picture that is classified, as for run')
    .addOption(new Option('--geometry <mode>', 'as for run').choices(requestedModes).default('auto'))
    .addOption(new Option('--view <name>', 'what is looked at, as for run').choices(views).default('auto'))
    .option('--init <start>', 'closed-form, random, or an adapter file', 'closed-form')
    .addOption(
      new Option('--objective <name>', 'auto: align, restore where there is noise, and labels where there are any')
        .choices(['auto', ...objectives])
        .default('auto'),
    )
    .addOption(
      new Option('--target <name>', 'whose statistics to match; auto: labels, else the baseline, else the card')
        .choices(['auto', 'labels', 'baseline', 'card'])
        .default('auto'),
    )
    .option(
      '--photographs <folder>',
      'undamaged pictures of what is to be told apart, on which the camera is simulated; by default some that ship',
    )
    .option('--stream <name>', 'the adapter and the baseline are for this stream alone')
    .option('--frames <n>', 'at most, spread over the material', integerFrom(1, '--frames'), 300)
    .option(
      '--epochs <n>',
      'passes over the frames that are fitted on, in each stage; by default 60 steps, 30 to restore, 120 for labels',
      integerFrom(1, '--epochs'),
    )
    .option(
      '--lr <rate>',
      'of the second convolution, the first has half; by default 0.002 if a range test bears it, or as tuned',
      numberBetween(0, 100, '--lr'),
    )
    .option('--batch <n>', 'frames in a step', integerFrom(2, '--batch'), usualSettings.batch)
    .option('--seed <n>', 'decides which frames, and their order', integerFrom(0, '--seed'), 1)
    .option(
      '--budget <time>',
      'the time that all of it may take; half of it is for fitting, however long the frames take to come',
      parseDuration,
      60,
    )
    .option('--force', 'adopt the best candidate whatever the gate says')
    .option('--offer', 'keep what is adopted without making it active: a service tries it beside the old one first')
    .option('--record-baseline', 'fit nothing: record how this stream looks in its good time')
    .option('--replay <directory>', 'do a recorded fit again, and compare')
    .option('--state <directory>', 'where adapters, fits and baselines are kept; by default as for run')
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .option('--json', 'print JSON')
    .action(adaptAction);
}

async function adaptAction(sources: string[], options: AdaptOptions): Promise<void> {
  let kept = false;
  using stop = stopOnSignals(
    () =>
      'the old front end stays; ' +
      (kept ? 'the same command goes on from the steps that are kept' : 'the fit had not begun to keep steps'),
  );
  using line = new ProgressLine();
  const replayed = options.replay === undefined ? undefined : await readFitRecord(options.replay);
  const { config, stream } = await configured(sources, options);
  const request =
    replayed?.request ??
    (stream ? requestOf([stream.source], { ...options, ...settingsOf(stream) }) : requestOf(sources, options));
  const bundles = bundleDirectories(config.models_directory);
  const context = {
    bundle: await floatBundle(await loadBundle(request.bundle, bundles), bundles),
    ffmpeg: await configuredFfmpeg(config),
    stateDirectory: stateDirectory(options.state ?? config.state_directory),
    device: stream ? config.device : options.device,
    signal: stop.signal,
    onProgress: (progress: AdaptProgress) => {
      kept ||= progress.kept === true;
      line.update(progressText(progress));
    },
    onMissing: (sentence: string) => line.note(`edge-cls: ${sentence}`),
  };
  if (options.recordBaseline) {
    const { path, baseline } = await recordBaseline(request, context);
    line.clear();
    print(options.json, { path, ...baseline }, () => [
      `${path}: the baseline of ${baseline.frames} frames, mean confidence ${baseline.confidence.mean.toFixed(3)}`,
    ]);
    return;
  }
  const result = await fitCamera(request, { ...context, replayed, offer: options.offer ?? false });
  line.clear();
  print(options.json, result.summary, () => linesOf(result));
}

/** A stream of a configuration is fitted as the service runs it; else its defaults hold, and the command line. */
async function configured(
  sources: readonly string[],
  { config: path = installedConfig, stream: name, replay }: AdaptOptions,
): Promise<{ config: Config; stream?: StreamConfig }> {
  if (sources.length > 0 || replay !== undefined) return { config: defaults };
  if (name === undefined) {
    throw new UsageError('adapt must be given frames: name a folder, a video, an address, or a configured --stream');
  }
  const config = await loadConfig({ path, env: process.env });
  const stream = config.streams.find((configured) => configured.name === name);
  if (stream) return { config, stream };
  throw new UsageError(
    `--stream must be a stream of ${path}, which has ${config.streams.map((configured) => configured.name).join(', ') || 'none'}, not ${name}`,
  );
}

function settingsOf({
  bundle,
  geometry,
  view,
  region,
}: StreamConfig): Pick<AdaptOptions, 'bundle' | 'geometry' | 'view' | 'region'> & { resolution: 'auto' } {
  return { bundle, geometry, view, resolution: 'auto', ...(region !== null && { region }) };
}

function requestOf(sources: readonly string[], options: AdaptOptions): FitRequest {
  const { bundle, geometry, view, init, objective, target, frames, batch, seed, budget, epochs = null, lr } = options;
  return {
    sources: sources.map((source) => (/^[a-z][a-z0-9+.-]*:/i.test(source) ? source : resolve(source))),
    resolution: options.resolution,
    photographs: options.photographs === undefined ? null : resolve(options.photographs),
    region: options.region ?? null,
    bundle,
    geometry,
    view,
    init: init === 'closed-form' || init === 'random' ? init : resolve(init),
    // What labels and baselines are there is seen later; `stages` and `target` say what was asked for.
    stages: objective === 'auto' ? [] : [objective],
    target: target === 'auto' ? 'labels' : target,
    stream: options.stream ?? null,
    frames,
    batch,
    learning_rate: lr === undefined ? null : { conv1: lr / 2, conv2: lr },
    // Looked for once the bundle and the geometry are known.
    tuned_learning_rate: null,
    steps: usualSettings.steps,
    epochs,
    seed,
    budget_seconds: budget,
    force: options.force ?? false,
  };
}

function progressText({ what, done, total, seconds, loss }: AdaptProgress): string {
  if (done === undefined || total === undefined) return what;
  const rate = seconds ? `, ${(done / seconds).toFixed(1)} steps/s` : '';
  return `${what} ${progressBar(done, total, (seconds ?? 0) / done)}${rate}${loss === undefined ? '' : `, loss ${loss.toFixed(3)}`}`;
}

function linesOf({ outcome, directory, stored, seconds, replay }: CameraFit): string[] {
  const { before, candidates, adopted, reason } = outcome;
  const row = (name: string, { distance, meanConfidence, labelled }: typeof before, note: string) =>
    `${name.padEnd(34)} distance ${distance.toFixed(3).padStart(7)}   confidence ${meanConfidence.toFixed(3)}` +
    (labelled ? `   right ${labelled.right.filter(Boolean).length} of ${labelled.right.length}` : '') +
    (note === '' ? '' : `   ${note}`);
  return [
    row('in use before', before, ''),
    ...candidates.map((candidate) =>
      row(
        candidate.name,
        candidate.evidence,
        candidate === adopted ? 'adopted' : candidate.verdict.adopted ? 'passed' : 'refused',
      ),
    ),
    adopted ? `adopted ${adopted.name}: ${reason}` : `refused, the old front end stays: ${reason}`,
    ...(stored === undefined ? [] : [`adapter      ${stored.id} (${stored.path})`]),
    ...(replay === undefined ? [] : [replay]),
    `record       ${directory}`,
    `time         ${duration(seconds)}`,
  ];
}
