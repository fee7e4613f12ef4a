/** `edge-cls bench`: what each part of the pipeline costs alone, and what the whole makes of it. */
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { cacheDirectory } from '../config/cache-directory.ts';
import { resolveConfig } from '../config/load.ts';
import { measurePipeline, type Measurement } from '../daemon/measure.ts';
import { systemClock } from '../domain/clock.ts';
import { median } from '../domain/median.ts';
import { deviceRequests, type DeviceRequest } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { views, type ViewRequest } from '../model/view.ts';
import { findFfmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { withBundle } from './bundle-option.ts';
import { integerFrom } from './option-values.ts';
import { print } from './print.ts';

interface BenchOptions {
  bundle: string;
  device: DeviceRequest;
  geometry: 'auto' | 'native' | 'staged';
  view: ViewRequest;
  rounds: number;
  json?: true;
}

export function benchCommand(): Command {
  const command = new Command('bench').argument('<file>', 'a video; a few hundred frames are enough');
  return withBundle(command, { old: 'model' })
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .addOption(new Option('--geometry <mode>', 'as for run').choices(['auto', 'native', 'staged']).default('auto'))
    .addOption(new Option('--view <name>', 'what is looked at, as for run').choices(views).default('auto'))
    .option('--rounds <n>', 'each is measured so often, in turn; medians are printed', integerFrom(1, '--rounds'), 3)
    .option('--json', 'print JSON')
    .action(benchAction);
}

async function benchAction(file: string, options: BenchOptions): Promise<void> {
  const { bundle, geometry, view } = options;
  const config = resolveConfig({ overrides: { streams: [{ name: 'bench', source: file, bundle, geometry, view }] } });
  const ffmpeg = await findFfmpeg({ cacheDirectory: cacheDirectory() });
  const cores = availableParallelism();
  await using engine = await onnxruntimeEngine({
    device: options.device,
    threads: cores,
    workers: config.batch.in_flight,
  });
  const rounds: Measurement[] = [];
  for (let round = 0; round < options.rounds; round++) {
    rounds.push(await measurePipeline({ config, engine, ffmpeg, clock: systemClock }));
  }
  const medianOf = (name: keyof Measurement) => median(rounds.map((round) => round[name]));
  const coreMs =
    1000 * (medianOf('decoderCoreSeconds') + medianOf('frontEndCoreSeconds') + medianOf('classifierCoreSeconds'));
  const efficiencies = rounds.map(
    (round) =>
      (round.pipelineRate * (round.decoderCoreSeconds + round.frontEndCoreSeconds + round.classifierCoreSeconds)) /
      cores,
  );
  const result = {
    file,
    bundle,
    device: engine.report,
    cores,
    frames: medianOf('frames'),
    decoder: { frames_per_second: medianOf('decoderRate'), core_seconds_per_frame: medianOf('decoderCoreSeconds') },
    front_end: { frames_per_second: medianOf('frontEndRate'), core_seconds_per_frame: medianOf('frontEndCoreSeconds') },
    classifier: {
      frames_per_second: medianOf('classifierRate'),
      core_seconds_per_frame: medianOf('classifierCoreSeconds'),
    },
    pipeline: { frames_per_second: medianOf('pipelineRate'), core_seconds_per_frame: medianOf('pipelineCoreSeconds') },
    allowed_frames_per_second: (1000 * cores) / coreMs,
    efficiency: median(efficiencies),
    peak_rss_mebibytes: process.resourceUsage().maxRSS / 1024,
  };
  print(options.json, result, () => [
    `${file}: ${bundle} on ${engine.report.device} (${engine.report.name}), ${cores} cores, medians of ${rounds.length}`,
    row('decoder alone', medianOf('decoderRate'), medianOf('decoderCoreSeconds')),
    row('front end alone', medianOf('frontEndRate'), medianOf('frontEndCoreSeconds')),
    row('classifier alone', medianOf('classifierRate'), medianOf('classifierCoreSeconds')),
    row('whole pipeline', medianOf('pipelineRate'), medianOf('pipelineCoreSeconds')),
    `the sum of the three allows ${result.allowed_frames_per_second.toFixed(1)} frames/s on these cores: ` +
      `efficiency ${result.efficiency.toFixed(3)}`,
    `peak memory of this process ${result.peak_rss_mebibytes.toFixed(0)} MiB`,
  ]);
}

function row(name: string, rate: number, coreSeconds?: number): string {
  const cost = coreSeconds === undefined ? '' : `${(1000 * coreSeconds).toFixed(2).padStart(9)} core-ms per frame`;
  return `${name.padEnd(18)}${rate.toFixed(1).padStart(8)} frames/s${cost}`;
}
