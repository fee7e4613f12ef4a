/** `edge-cls probe`: what a source is, and what would be done with it. */
import { Command, Option } from 'commander';
import { cacheDirectory } from '../config/cache-directory.ts';
import { resolveConfig } from '../config/load.ts';
import { ffmpegSources } from '../daemon/stream/sources.ts';
import { planStream, type StreamPlan } from '../daemon/stream/stream-plan.ts';
import { sizeText } from '../domain/frame.ts';
import { redact } from '../domain/redact.ts';
import { deviceRequests, type Device, type DeviceRequest } from '../engine/engine.ts';
import { chooseDevice } from '../engine/onnxruntime/devices.ts';
import { loadBundle } from '../model/bundle.ts';
import { chooseForm } from '../model/front-end/form.ts';
import { mergedMacs, requestedModes, type RequestedMode } from '../model/geometry.ts';
import { describeView, rectangleOf, rectanglesOf, views, type ViewRequest } from '../model/view.ts';
import { decodeArguments } from '../video/decode/arguments.ts';
import { findFfmpeg, type Ffmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { describeSource } from '../video/source/source-spec.ts';
import { withBundle } from './bundle-option.ts';
import { print } from './print.ts';
import { quotedLine } from './shell-words.ts';

interface ProbeOptions {
  bundle: string;
  device: DeviceRequest;
  geometry: RequestedMode;
  view: ViewRequest;
  region?: string;
  json?: true;
}

export function probeCommand(): Command {
  const command = new Command('probe').argument(
    '<source>',
    'video, image, folder of images, /dev/video*, rtsp:// or http:// address',
  );
  return withBundle(command, { old: 'model' })
    .addOption(new Option('--device <device>', 'what it would run on').choices(deviceRequests).default('auto'))
    .addOption(new Option('--geometry <mode>', 'as for run').choices(requestedModes).default('auto'))
    .addOption(new Option('--view <name>', 'what is looked at, as for run').choices(views).default('auto'))
    .option('--region <x,y,w,h>', 'part of the picture, in pixels or fractions')
    .option('--json', 'print JSON')
    .action(probeAction);
}

async function probeAction(source: string, options: ProbeOptions): Promise<void> {
  const { geometry, view, region = null, bundle } = options;
  const config = resolveConfig({ overrides: { streams: [{ name: 'probe', source, bundle, geometry, view, region }] } });
  const ffmpeg = await findFfmpeg({ cacheDirectory: cacheDirectory() });
  const device = await chooseDevice(options.device);
  const [stream] = config.streams;
  if (!stream) throw new Error('the configuration lost its stream');
  const plan = await planStream(stream, { look: ffmpegSources(ffmpeg).look, device, bundle: await loadBundle(bundle) });
  const facts = factsOf(plan, ffmpeg, device.device);
  print(options.json, facts, () => Object.entries(facts).map(([name, value]) => `${name.padEnd(22)} ${text(value)}`));
}

function factsOf(plan: StreamPlan, ffmpeg: Ffmpeg, device: Device) {
  const { spec, info, view, choice, decoder, bundle } = plan;
  const { geometry, macs, residual } = choice;
  const args = decodeArguments({ spec, info, ...decoder, ffmpegVersion: ffmpeg.version });
  return {
    source: describeSource(spec),
    kind: spec.kind,
    pace: spec.live ? 'live' : 'whole',
    codec: info.codec,
    native: sizeText(info.native),
    display: sizeText(info.display),
    turned: turnedText(info),
    transfer: info.colours?.transfer ?? null,
    primaries: info.colours?.primaries ?? null,
    matrix: info.colours?.matrix ?? null,
    range: info.colours?.range ?? null,
    sample_aspect_ratio: info.sampleAspectRatio,
    frames_per_second: info.frameRate ?? null,
    duration_seconds: info.durationSeconds ?? null,
    creation_time: info.createdAt === undefined ? null : new Date(info.createdAt).toISOString(),
    images: info.imageCount ?? null,
    audio: info.hasAudio,
    bundle: bundle.card.name,
    view,
    looks_at: describeView(plan, info.display),
    region: rectangleOf(plan, info.display) ?? null,
    tiles: plan.tiles ? rectanglesOf(plan, info.display) : null,
    geometry: geometry.mode,
    strides_x: geometry.strides.x,
    strides_y: geometry.strides.y,
    grid: sizeText(decoder.grid),
    residual,
    front_end: formText(plan, device),
    front_end_macs: Math.min(macs, mergedMacs(geometry)),
    front_end_macs_unmerged: macs,
    ffmpeg: redact(quotedLine([ffmpeg.path, ...args])),
  };
}

/** How the adapter is computed. */
function formText({ adapter, choice: { geometry } }: StreamPlan, device: Device): string {
  const { name, phases } = chooseForm({ adapter, geometry, forCpu: device === 'cpu' });
  return phases.y * phases.x === 1 ? name : `${name}, in phases of ${phases.y}x${phases.x}`;
}

function turnedText({ displayMatrix = false, orientation = 1 }: StreamPlan['info']): string | null {
  if (displayMatrix) return 'by the display matrix of the container';
  return orientation === 1 ? null : `as EXIF orientation ${orientation}`;
}

function text(value: unknown): string {
  if (value === null) return '-';
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(3);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
