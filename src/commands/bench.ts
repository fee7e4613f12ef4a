/** `edge-cls bench`: what each part of the pipeline costs alone, and what the whole makes of it. */
import { availableParallelism, loadavg } from 'node:os';
import { Command, Option } from 'commander';
import { cacheDirectory } from '../config/cache-directory.ts';
import { resolveConfig } from '../config/load.ts';
import { measurePipeline, planOf, type Measurement, type MeasureParts } from '../daemon/bench/parts.ts';
import type { StreamPlan } from '../daemon/stream/stream-plan.ts';
import { systemClock } from '../domain/clock.ts';
import { median } from '../domain/median.ts';
import { packageFacts } from '../domain/package-root.ts';
import { deviceRequests, type DeviceReport, type DeviceRequest } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { requestedModes, type RequestedMode } from '../model/geometry.ts';
import { rectangleOf, views, type ViewRequest } from '../model/view.ts';
import { findFfmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { against, rivalFrom, type Places, type Rival } from './bench/against.ts';
import { standingJson, standingsTable } from './bench/standings.ts';
import { withBundle } from './bundle-option.ts';
import { integerFrom } from './option-values.ts';
import { print } from './print.ts';

interface BenchOptions {
  bundle: string;
  device: DeviceRequest;
  geometry: RequestedMode;
  view: ViewRequest;
  rounds: number;
  against?: Rival[];
  json?: true;
}

export function benchCommand(): Command {
  const command = new Command('bench').argument('<file>', 'a video; a few hundred frames are enough');
  return withBundle(command, { old: 'model' })
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .addOption(new Option('--geometry <mode>', 'as for run').choices(requestedModes).default('auto'))
    .addOption(new Option('--view <name>', 'what is looked at, as for run').choices(views).default('auto'))
    .option('--rounds <n>', 'each is measured so often, in turn; medians are printed', integerFrom(1, '--rounds'), 3)
    .option(
      '--against <name=command>',
      'another program on the same file, in turns with run; {file}, {model}, {width}, {height} and {crop} stand for what it is given; several are allowed',
      rivalFrom,
    )
    .option('--json', 'print JSON')
    .action(benchAction);
}

async function benchAction(file: string, options: BenchOptions): Promise<void> {
  const { bundle, geometry, view, rounds, against: rivals = [] } = options;
  const config = resolveConfig({ overrides: { streams: [{ name: 'bench', source: file, bundle, geometry, view }] } });
  const ffmpeg = await findFfmpeg({ cacheDirectory: cacheDirectory() });
  const measured = await measureParts({ config, ffmpeg, clock: systemClock }, options);
  const args = ['--bundle', bundle, '--geometry', geometry, '--view', view, '--device', options.device];
  const standings =
    rivals.length === 0
      ? undefined
      : await against({ file, args, rivals, places: placesOf(measured.plan), rounds, ffmpeg: ffmpeg.path });
  const parts = partsJson(measured);
  const result = {
    file,
    bundle,
    versions: { edge_cls: packageFacts.version, node: process.version, ffmpeg: ffmpeg.version.join('.') },
    device: measured.device,
    cores: availableParallelism(),
    load_average: loadavg()[0],
    ...parts,
    ...(standings && { against: standings.map(standingJson) }),
  };
  const { device } = measured;
  print(options.json, result, () => [
    `${file}: ${bundle} on ${device.device} (${device.name}), ${result.cores} cores, medians of ${rounds}`,
    row('decoder alone', parts.decoder),
    row('front end alone', parts.front_end),
    row('classifier alone', parts.classifier),
    row('whole pipeline', parts.pipeline),
    `the sum of the three allows ${parts.allowed_frames_per_second.toFixed(1)} frames/s on these cores: ` +
      `efficiency ${parts.efficiency.toFixed(3)}`,
    `peak memory of this process ${parts.peak_rss_mebibytes.toFixed(0)} MiB`,
    ...(standings ? ['', ...standingsTable(standings)] : []),
  ]);
}

interface Measured {
  readonly plan: StreamPlan;
  readonly device: DeviceReport;
  readonly rounds: readonly Measurement[];
}

/** The engine is gone when it returns: it takes nothing from what is measured afterwards. */
async function measureParts(parts: Omit<MeasureParts, 'engine'>, options: BenchOptions): Promise<Measured> {
  await using engine = await onnxruntimeEngine({
    device: options.device,
    threads: availableParallelism(),
    workers: parts.config.batch.in_flight,
  });
  const plan = await planOf({ ...parts, engine });
  const rounds: Measurement[] = [];
  while (rounds.length < options.rounds) rounds.push(await measurePipeline(plan, { ...parts, engine }));
  return { plan, device: engine.report, rounds };
}

/** What rivals are to work on. */
function placesOf({ bundle, decoder, info, ...view }: StreamPlan): Places {
  const seen = rectangleOf({ ...view, decoder }, info.display) ?? { x: 0, y: 0, ...info.display };
  const { width, height } = bundle.card.input;
  return {
    model: bundle.modelPath,
    width: String(width),
    height: String(height),
    crop: [seen.width, seen.height, seen.x, seen.y].join(':'),
  };
}

function partsJson({ rounds }: Measured) {
  const medianOf = (name: keyof Measurement) => median(rounds.map((round) => round[name]));
  const cores = availableParallelism();
  const partsSeconds = (round: Measurement) =>
    round.decoderCoreSeconds + round.frontEndCoreSeconds + round.classifierCoreSeconds;
  return {
    frames: medianOf('frames'),
    decoder: { frames_per_second: medianOf('decoderRate'), core_seconds_per_frame: medianOf('decoderCoreSeconds') },
    front_end: { frames_per_second: medianOf('frontEndRate'), core_seconds_per_frame: medianOf('frontEndCoreSeconds') },
    classifier: {
      frames_per_second: medianOf('classifierRate'),
      core_seconds_per_frame: medianOf('classifierCoreSeconds'),
    },
    pipeline: { frames_per_second: medianOf('pipelineRate'), core_seconds_per_frame: medianOf('pipelineCoreSeconds') },
    allowed_frames_per_second:
      cores / (medianOf('decoderCoreSeconds') + medianOf('frontEndCoreSeconds') + medianOf('classifierCoreSeconds')),
    efficiency: median(rounds.map((round) => (round.pipelineRate * partsSeconds(round)) / cores)),
    peak_rss_mebibytes: process.resourceUsage().maxRSS / 1024,
  };
}

interface Cost {
  readonly frames_per_second: number;
  readonly core_seconds_per_frame: number;
}

function row(name: string, { frames_per_second: rate, core_seconds_per_frame: coreSeconds }: Cost): string {
  const cost = `${(1000 * coreSeconds).toFixed(2).padStart(9)} core-ms per frame`;
  return `${name.padEnd(18)}${rate.toFixed(1).padStart(8)} frames/s${cost}`;
}
