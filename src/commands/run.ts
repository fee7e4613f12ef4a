/** `edge-cls run`: classifies streams until they end, shows what it sees, writes events. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { UsageError, UserError } from '../domain/errors.ts';
import { fileIdentity, isStandardOutput } from '../domain/file-identity.ts';
import type { Part } from '../domain/part.ts';
import { deviceRequests } from '../engine/engine.ts';
import { requestedModes } from '../model/geometry.ts';
import { views } from '../model/view.ts';
import { paintFor } from '../output/paint.ts';
import { summaryJson, summaryTable } from '../output/summary.ts';
import { expandFolders, type ExpandedSource } from '../video/source/expand-folders.ts';
import { withBundle } from './bundle-option.ts';
import { outlivesItsReaders } from './ends.ts';
import { endOnHangUp, onReloadSignal } from './hang-up.ts';
import { timeFrom } from './option-values.ts';
import { stopOnSignals } from './signals.ts';
import { streamNames } from './stream-names.ts';

interface RunOptions {
  config?: string;
  bundle?: string;
  device?: string;
  threads?: number;
  geometry?: string;
  view?: string;
  adapter?: string;
  region?: string;
  recursive?: true;
  resolution?: string;
  fps?: number;
  start?: number;
  duration?: number;
  labels?: string[];
  group?: Record<string, string[]>;
  onset?: number;
  offset?: number;
  smoothing?: number;
  whole?: true;
  live?: true;
  realtime?: true;
  hardwareDecode?: string;
  batch?: number;
  maxWait?: number;
  events?: string;
  everyFrame?: true;
  annotate?: string;
  motionGate?: true;
  ffmpeg?: string;
  logLevel?: string;
  json?: true;
  csv?: true;
  verbose?: true;
  quiet?: true;
}

export function runCommand(): Command {
  const command = new Command('run')
    .argument(
      '[source...]',
      'videos, images, folders of both, /dev/video*, rtsp:// or http:// addresses; - for standard input',
    )
    .option('-c, --config <file>', 'configuration; without sources its streams are run as a service');
  return withBundle(command, { fallback: null, old: 'model' })
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests))
    .option('--threads <n>', 'threads of the device; 0: one per core', number)
    .addOption(new Option('--geometry <mode>', 'how the front end sees the picture').choices(requestedModes))
    .addOption(
      new Option(
        '--view <name>',
        'what is looked at: all of the picture or region in overlapping parts, all in one, or its centre as in training',
      ).choices(views),
    )
    .option('--adapter <file>', 'fitted adapter instead of the closed form')
    .option('--recursive', 'take videos in sub-folders of a folder, too; pictures are taken at any depth')
    .option('--region <x,y,w,h>', 'part of the picture to classify, in pixels or fractions')
    .option('--resolution <size>', 'what the source must be: 480p … 4k, WxH, auto')
    .option('--fps <n>', 'frames to classify in a second', number)
    .option('--motion-gate', 'do not classify again what does not move, of a fixed camera')
    .option('--start <time>', 'begin there in a video: 90, 1:30, 00:01:30.5, 90s, 500ms', timeFrom('zero', '--start'))
    .option('--duration <time>', 'classify so much of it', timeFrom('above zero', '--duration'))
    .option('--labels <list>', 'labels of interest, separated by commas', list)
    .addOption(
      new Option('--group <name=list>', 'labels that count as one; can be given several times')
        .argParser(group)
        .default({}, 'none'),
    )
    .option('--onset <p>', 'probability at which a label comes', number)
    .option('--offset <p>', 'probability below which it goes', number)
    .option('--smoothing <seconds>', 'time constant of the average', number)
    .addOption(
      new Option('--whole', 'classify every frame, as of a file: of an address that is taken for a camera').conflicts([
        'live',
        'realtime',
      ]),
    )
    .option(
      '--live',
      'at its own pace, dropping what is too late, as of a camera: of a file, of an address with an end',
    )
    .addOption(new Option('--realtime', 'the same as --live').hideHelp())
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
    .addOption(
      new Option('-v, --verbose', 'say more: decoder, device and why not another, strides, quantiles').conflicts([
        'quiet',
        'logLevel',
      ]),
    )
    .addOption(new Option('-q, --quiet', 'only errors and the summary').conflicts('logLevel'))
    .addOption(
      new Option('--log-level <level>', 'what is the least to be told').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'fatal',
      ]),
    )
    .option('--json', 'print the summary as JSON')
    .addOption(
      new Option('--csv', 'print results as CSV: a row per picture, and per time that a label was there').conflicts(
        'json',
      ),
    )
    .action(runAction);
}

async function runAction(given: string[], options: RunOptions): Promise<void> {
  const { sources, notices: passedOver } = expandFolders(given, {
    recursive: options.recursive ?? false,
    recursiveOption: '--recursive',
  });
  const notices = [...passedOver];
  const load = () =>
    loadConfig({
      onNotice: (sentence) => notices.push(sentence),
      ...(options.config !== undefined && { path: options.config }),
      env: process.env,
      overrides: overrides(sources, options),
    });
  const config = await load();
  if (options.everyFrame === true && config.sinks.length === 0) {
    notices.push('--every-frame does nothing without --events, which says where the lines go: add --events -');
  }
  // A configuration alone is a service; what is printed or drawn at the end needs an end.
  if (
    options.config !== undefined &&
    sources.length === 0 &&
    options.json !== true &&
    options.csv !== true &&
    options.annotate === undefined &&
    options.start === undefined &&
    options.duration === undefined
  ) {
    using stop = stopOnSignals();
    outlivesItsReaders();
    const { runService } = await import('../daemon/service/run-service.ts');
    await runService(config, { load, notices, path: options.config, signal: stop.signal, onReloadSignal });
    return;
  }
  endOnHangUp();
  if (config.streams.length === 0) {
    throw new UsageError(
      'there must be a source or a configuration with streams: edge-cls run VIDEO, or edge-cls run -c FILE',
    );
  }
  if (options.annotate !== undefined && config.streams.length !== 1) {
    throw new UsageError(`--annotate draws into one source, there are ${config.streams.length}: name a single one`);
  }
  const { annotate, json = false, csv = false, quiet = false, verbose = false } = options;
  const printsEvents = config.sinks.some(({ path }) => isStandardOutput(path));
  if (csv && printsEvents) {
    throw new UsageError('--csv and events must not both go to standard output: name a file with --events FILE');
  }
  if (annotate !== undefined && config.sinks.some(({ path }) => fileIdentity(path) === fileIdentity(annotate))) {
    throw new UsageError(`--annotate and events must not both be written to ${annotate}: name another file`);
  }
  using stop = stopOnSignals();
  const { runSources } = await import('../daemon/run-sources.ts');
  const parts = { annotate, json, csv, quiet, notices, part: partOf(options), signal: stop.signal };
  const { summary, failures } = await runSources(config, parts);
  if (json) process.stdout.write(`${JSON.stringify(summaryJson(summary), null, 2)}\n`);
  // Standard output belongs to events where they go there.
  else if (!csv) {
    const out = printsEvents ? process.stderr : process.stdout;
    out.write(
      `${quiet ? '' : '\n'}${summaryTable(summary, { verbose, paint: paintFor(out), ...(out.isTTY && { mostPictures }) })}`,
    );
  }
  if (failures.length > 0) throw new UserError(failuresText(failures));
}

function partOf({ start, duration }: RunOptions): Part | undefined {
  if (start === undefined && duration === undefined) return undefined;
  return { startSeconds: start ?? 0, durationSeconds: duration ?? Infinity };
}

/** On a terminal; as much as is read at a glance. */
const mostPictures = 40;

/** Each is in the log as well. */
function failuresText(failures: readonly unknown[]): string {
  const named = failures.slice(0, namedFailures).map(messageOf);
  const more = failures.length - namedFailures;
  return [...named, ...(more > 0 ? [`and ${more} more sources failed, which are named above`] : [])].join('; ');
}

const namedFailures = 5;

function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return String(error instanceof Error ? error.stack : error);
}

/** The command line in the shape of the configuration file. */
function overrides(sources: readonly ExpandedSource[], options: RunOptions) {
  const stream = defined({
    bundle: options.bundle,
    geometry: options.geometry,
    view: options.view,
    adapter: options.adapter,
    region: options.region,
    resolution: options.resolution,
    frames_per_second: options.fps,
    labels: options.labels,
    groups: Object.keys(options.group ?? {}).length > 0 ? options.group : undefined,
    pace: options.whole ? 'whole' : (options.live ?? options.realtime) ? 'live' : undefined,
    realtime: options.whole ? false : undefined,
    motion_gate: options.motionGate && { enabled: true },
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
    log: logLevel(options),
    output: defined({ events_file: options.events, every_frame: options.everyFrame }),
    stream_defaults: stream,
    ...(sources.length > 0 && { streams: streamsOf(sources) }),
  });
}

function logLevel({ logLevel: level, verbose, quiet }: RunOptions): { level: string } | undefined {
  const chosen = level ?? (verbose ? 'debug' : quiet ? 'error' : undefined);
  return chosen === undefined ? undefined : { level: chosen };
}

/** A path is what it is: nothing in it stands for a secret. */
function streamsOf(sources: readonly ExpandedSource[]): { name: string; source: string }[] {
  const names = streamNames(sources.map(({ source }) => source));
  return sources.map(({ source, isPath }, i) => ({
    name: names[i] ?? '',
    source: isPath ? source.replaceAll('${', () => '$${') : source,
  }));
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
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
