/** `edge-cls run`: classifies streams until they end, shows what it sees, writes events. */
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { run } from '../daemon/run.ts';
import type { StreamPlan } from '../daemon/stream/stream-plan.ts';
import { systemClock } from '../domain/clock.ts';
import { UsageError, UserError } from '../domain/errors.ts';
import { redact } from '../domain/redact.ts';
import { deviceRequests, type DeviceReport } from '../engine/engine.ts';
import { openJsonLines } from '../output/json-lines.ts';
import { LiveView } from '../output/live-view.ts';
import { createLogger } from '../output/logger.ts';
import { summaryJson, summaryTable } from '../output/summary.ts';
import { annotateRun } from './annotate-run.ts';
import { configuredEngine, configuredFfmpeg } from './configured-parts.ts';
import { outlivesItsReaders } from './readers.ts';
import { stopOnSignals } from './signals.ts';
import { StreamStates } from './stream-states.ts';

interface RunOptions {
  config?: string;
  model?: string;
  device?: string;
  threads?: number;
  geometry?: string;
  adapter?: string;
  region?: string;
  resolution?: string;
  fps?: number;
  labels?: string[];
  group?: Record<string, string[]>;
  onset?: number;
  offset?: number;
  smoothing?: number;
  realtime?: true;
  hardwareDecode?: string;
  batch?: number;
  maxWait?: number;
  events?: string;
  everyFrame?: true;
  annotate?: string;
  ffmpeg?: string;
  logLevel?: string;
  json?: true;
}

export function runCommand(): Command {
  return new Command('run')
    .argument('[source...]', 'videos, images, folders of images, /dev/video*, rtsp:// or http:// addresses')
    .option('-c, --config <file>', 'configuration; without sources its streams are run as a service')
    .option('--model <bundle>', 'name of a bundle, or its directory')
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests))
    .option('--threads <n>', 'threads of the device; 0: one per core', number)
    .addOption(
      new Option('--geometry <mode>', 'how the front end sees the picture').choices(['auto', 'native', 'staged']),
    )
    .option('--adapter <file>', 'fitted adapter instead of the closed form')
    .option('--region <x,y,w,h>', 'part of the picture to classify, in pixels or fractions')
    .option('--resolution <size>', 'what the source must be: 480p … 4k, WxH, auto')
    .option('--fps <n>', 'frames to classify in a second', number)
    .option('--labels <list>', 'labels of interest, separated by commas', list)
    .option('--group <name=list>', 'labels that count as one; can be given several times', group, {})
    .option('--onset <p>', 'probability at which a label comes', number)
    .option('--offset <p>', 'probability below which it goes', number)
    .option('--smoothing <seconds>', 'time constant of the average', number)
    .option('--realtime', 'read files at their own pace, as a camera would deliver them')
    .addOption(
      new Option('--hardware-decode <method>', 'decode on hardware').choices([
        'none',
        'auto',
        'vaapi',
        'cuda',
        'v4l2m2m',
      ]),
    )
    .option('--batch <n>', 'most frames in a batch', number)
    .option('--max-wait <seconds>', 'how long a frame waits for company in its batch', number)
    .option('--events <file>', 'write events as JSON Lines; - for standard output')
    .option('--every-frame', 'write a line for every frame, too')
    .option('--annotate <out.mp4>', 'write the video with label and probability drawn in')
    .option('--ffmpeg <path>', 'the ffmpeg to use')
    .addOption(new Option('--log-level <level>').choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal']))
    .option('--json', 'print the summary as JSON')
    .action(runAction);
}

async function runAction(sources: string[], options: RunOptions): Promise<void> {
  const load = () =>
    loadConfig({
      ...(options.config !== undefined && { path: options.config }),
      env: process.env,
      overrides: overrides(sources, options),
    });
  const config = await load();
  // A configuration alone is a service; what is printed or drawn at the end needs an end.
  if (options.config !== undefined && sources.length === 0 && options.json !== true && options.annotate === undefined) {
    using stop = stopOnSignals();
    outlivesItsReaders();
    const { runService } = await import('./run-service.ts');
    await runService(config, { load, path: options.config, signal: stop.signal });
    return;
  }
  if (config.streams.length === 0) {
    throw new UsageError(
      'there must be a source or a configuration with streams: edge-cls run VIDEO, or edge-cls run -c FILE',
    );
  }
  if (options.annotate !== undefined && config.streams.length !== 1) {
    throw new UsageError(`--annotate draws into one source, there are ${config.streams.length}: name a single one`);
  }
  await runConfigured(config, options);
}

async function runConfigured(config: Config, options: RunOptions): Promise<void> {
  const clock = systemClock;
  // Standard output belongs to events or JSON where they go there.
  const toStdout = config.output.events_file === '-' || options.json === true;
  const out = toStdout ? process.stderr : process.stdout;
  using view = new LiveView({ out, clock, statusIntervalSeconds: config.output.status_interval_seconds });
  const log = createLogger({
    level: config.log.level,
    format: config.log.format === 'json' ? 'json' : 'text',
    write: (line) => view.print(line),
    clock,
  });
  using stop = stopOnSignals();
  const ffmpeg = await configuredFfmpeg(config);
  await using engine = await configuredEngine(config);
  const failures: string[] = [];
  const fail = (error: unknown) => {
    const message = error instanceof UserError ? error.message : String(error instanceof Error ? error.stack : error);
    failures.push(redact(message));
    log.error(message);
  };
  const states = new StreamStates(clock);
  const cues = options.annotate === undefined ? undefined : annotateRun();
  const path = config.output.events_file;
  await using sink =
    path === null ? undefined : await openJsonLines(path, { stdout: process.stdout, clock, onError: fail });

  let planned: readonly StreamPlan[] = [];
  const summary = await run({
    config,
    engine,
    ffmpeg,
    clock,
    signal: stop.signal,
    listener: {
      onPlanned: (plans, device) => {
        planned = plans;
        for (const plan of plans) log.info(planText(plan, device));
      },
      onDecoder: (report, plan) => log.debug(`${plan.name}: decoded by ${report.hardware} (${report.reason})`),
      onPrediction: (prediction, plan) => {
        const { labels } = plan.bundle.card.output;
        states.prediction(prediction, labels);
        cues?.prediction(prediction, labels);
        if (config.output.every_frame) sink?.prediction(prediction, labels);
      },
      onEvent: (event) => {
        states.event(event);
        sink?.event(event);
        const seconds = event.presentationSeconds.toFixed(1);
        log.info(`${event.stream} at ${seconds} s: ${event.label} ${event.kind} (${event.probability.toFixed(2)})`);
      },
      onError: (error) => fail(error),
      onProgress: (progress) => view.update(states.statuses(progress)),
    },
  });
  await sink?.flush();
  view.close();
  const [plan] = planned;
  if (options.annotate !== undefined && cues && plan) {
    await cues.write({ input: plan.spec, output: options.annotate, ffmpeg, signal: stop.signal });
  }
  process.stdout.write(options.json === true ? `${JSON.stringify(summaryJson(summary), null, 2)}\n` : '');
  if (options.json !== true) out.write(`\n${summaryTable(summary)}`);
  if (failures.length > 0) throw new UserError(failures.join('; '));
}

/** The command line in the shape of the configuration file. */
function overrides(sources: readonly string[], options: RunOptions) {
  const stream = defined({
    bundle: options.model,
    geometry: options.geometry,
    adapter: options.adapter,
    region: options.region,
    resolution: options.resolution,
    frames_per_second: options.fps,
    labels: options.labels,
    groups: Object.keys(options.group ?? {}).length > 0 ? options.group : undefined,
    realtime: options.realtime,
    hardware_decode: options.hardwareDecode,
    smoothing: options.smoothing === undefined ? undefined : { time_constant_seconds: options.smoothing },
    thresholds:
      options.onset === undefined && options.offset === undefined
        ? undefined
        : { onset_probability: options.onset ?? options.offset, offset_probability: options.offset ?? options.onset },
  });
  return defined({
    device: options.device,
    threads: options.threads,
    batch: defined({ size: options.batch, max_wait_seconds: options.maxWait }),
    ffmpeg: options.ffmpeg === undefined ? undefined : { path: options.ffmpeg },
    log: options.logLevel === undefined ? undefined : { level: options.logLevel },
    output: defined({ events_file: options.events, every_frame: options.everyFrame }),
    stream_defaults: stream,
    ...(sources.length > 0 && { streams: named(sources) }),
  });
}

/** Streams of the command line are called after their files. */
function named(sources: readonly string[]): { name: string; source: string }[] {
  const taken = new Set<string>();
  return sources.map((source) => {
    const base = /^[a-z]+:\/\//i.test(source) ? hostOf(source) : basename(source);
    const plain =
      base
        .replace(/[^A-Za-z0-9_.-]/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 56) || 'stream';
    let name = plain;
    for (let n = 2; taken.has(name); n++) name = `${plain}-${n}`;
    taken.add(name);
    return { name, source };
  });
}

/** Never anything in front of the last @, which is where a password is. */
function hostOf(address: string): string {
  return address.replace(/^[a-z]+:\/\/(?:.*@)?/i, '').replace(/[?#].*$/, '');
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function planText(
  { name, bundle, info, choice, config }: StreamPlan,
  { device, name: hardware, reason }: DeviceReport,
): string {
  const { grid, strides } = choice.geometry;
  const adapter = config.adapter ?? 'closed form';
  return (
    `${name}: ${info.codec} ${info.display.width}x${info.display.height} → ${grid.width}x${grid.height}, ` +
    `strides x (${strides.x.join(', ')}) y (${strides.y.join(', ')}), adapter ${adapter}, ${bundle.card.name} on ${device} (${hardware}; ${reason})`
  );
}

function number(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('must be a number');
  return value;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function group(text: string, previous: Record<string, string[]>): Record<string, string[]> {
  const [name = '', members] = text.split(/=(.*)/s);
  if (name.trim() === '' || members === undefined) throw new InvalidArgumentError('must be name=label,label,…');
  return { ...previous, [name.trim()]: list(members) };
}
