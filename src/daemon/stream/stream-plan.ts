/** What a stream will be: its source looked at, its geometry, adapter, labels and thresholds decided. */
import type { StreamConfig } from '../../config/schema.ts';
import { ConfigurationError, UsageError } from '../../domain/errors.ts';
import type { PlanFacts } from '../../domain/happening.ts';
import { parseRegion } from '../../domain/region.ts';
import type { DeviceReport } from '../../engine/engine.ts';
import { adapterDigest } from '../../model/card.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { readAdapter } from '../../model/adapter-file.ts';
import type { Bundle } from '../../model/bundle.ts';
import { closedForm } from '../../model/closed-form.ts';
import { sizeText } from '../../domain/frame.ts';
import type { Geometry } from '../../model/geometry.ts';
import { parseResolution } from '../../model/resolution.ts';
import { describeView, viewOf, type View, type ViewOptions } from '../../model/view.ts';
import { defaultHysteresis, type HysteresisOptions } from '../../pipeline/hysteresis.ts';
import { targetsOf, type Target } from '../../pipeline/targets.ts';
import { silenceLimits } from '../../video/decode/stall-watch.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { partLength, type Part } from '../../domain/part.ts';
import { pacedSource } from '../../video/source/pace.ts';
import { partedSource, partOf, refuseLiveStart } from '../../video/source/parted-source.ts';
import { parseSource, type SourceSpec } from '../../video/source/source-spec.ts';

export interface StreamPlan extends View {
  readonly name: string;
  readonly config: StreamConfig;
  readonly spec: SourceSpec;
  readonly info: SourceInfo;
  readonly bundle: Bundle;
  readonly adapter: AdapterWeights;
  readonly adapterId: string;
  readonly targets: readonly Target[];
  readonly thresholds: HysteresisOptions;
}

export interface PlannedAdapter {
  readonly weights: AdapterWeights;
  /** Its id in the store, `file` or `closed_form`. */
  readonly id: string;
}

export interface PlanParts {
  /** What the configuration's source is, where that was read already. */
  readonly spec?: SourceSpec;
  /** What is wanted of it; the whole by default. */
  readonly part?: Part | undefined;
  /** Opens a source to see what it is. */
  readonly look: (spec: SourceSpec, signal?: AbortSignal) => Promise<SourceInfo>;
  readonly device: Pick<DeviceReport, 'device'>;
  readonly bundle: Bundle;
  readonly signal?: AbortSignal;
  /** What the source is, where that is known: it is not opened then. */
  readonly info?: SourceInfo | undefined;
  /** The configured file, else the closed form, by default. */
  readonly adapterFor?: AdapterFor | undefined;
}

export type AdapterFor = (config: StreamConfig, bundle: Bundle, geometry: Geometry) => Promise<PlannedAdapter>;

/** Opens the source once to see what it is. Throws a `UserError` for whatever cannot be. */
export async function planStream(config: StreamConfig, parts: PlanParts): Promise<StreamPlan> {
  const { bundle, look, signal, adapterFor = configuredAdapter } = parts;
  const named = parts.spec ?? partedSource(parseSource(config.source), parts.part);
  const { card } = bundle;
  const targets = targetsOf(card.output.labels, config);
  const region = config.region === null ? undefined : parseRegion(config.region);
  const info = parts.info ?? (await look(named, signal));
  const spec = pacedSource(named, info, config.pace);
  refuseLiveStart(spec);
  assertResolution(config, info);
  const view = viewNamed(config.name, {
    card,
    device: parts.device.device,
    geometry: config.geometry,
    view: config.view,
    display: info.display,
    region,
    sizesDiffer: spec.kind === 'folder',
  });
  const adapter = await adapterFor(config, bundle, view.choice.geometry);
  return {
    ...view,
    name: config.name,
    config,
    spec,
    info,
    bundle,
    adapter: adapter.weights,
    adapterId: adapter.id,
    targets,
    thresholds: thresholdsOf(config, bundle),
  };
}

/** Everything is classified, and the source waits; else who is late loses frames, as with a camera. */
export function isLossless({ spec, config }: Pick<StreamPlan, 'spec' | 'config'>): boolean {
  return !spec.live && !atOwnPace(config);
}

/** After so long without a frame its source is given up, seconds; infinite where it is a file. */
export function longestSilence({ config, spec, info }: StreamPlan): number {
  const { stall_seconds: stallSeconds, frames_per_second: framesPerSecond } = config;
  return silenceLimits({ spec, info, framesPerSecond: framesPerSecond ?? undefined, stallSeconds }).then;
}

/** What has an end is to behave as a camera would. */
export function atOwnPace({ realtime, pace }: StreamConfig): boolean {
  return realtime || pace === 'live';
}

/** Whether a region in pixels lies in the picture is seen only here: of many streams the one must be named. */
function viewNamed(stream: string, options: ViewOptions): View {
  try {
    return viewOf(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`the stream ${stream}: ${error.message}`);
  }
}

/** What is told of it. */
export function planFacts(plan: StreamPlan): PlanFacts {
  const { spec, info, config, choice, bundle, adapterId } = plan;
  const { geometry } = choice;
  const { imageCount } = info;
  const part = partOf(spec);
  const durationSeconds = partLength(part, info.durationSeconds);
  return {
    codec: info.codec,
    pace: isLossless({ spec, config }) ? 'whole' : 'live',
    display: info.display,
    looksAt: describeView(plan, info.display),
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(part && { startSeconds: part.startSeconds }),
    ...(imageCount !== undefined && { pictures: imageCount }),
    grid: plan.decoder.grid,
    strides: geometry.strides,
    adapter: adapterId,
    bundle: bundle.card.name,
  };
}

async function configuredAdapter(
  { adapter }: StreamConfig,
  bundle: Bundle,
  geometry: Geometry,
): Promise<PlannedAdapter> {
  if (adapter === null) return closedFormAdapter(bundle, geometry);
  const { weights } = await readAdapter(adapter, { bundleDigest: adapterDigest(bundle.card), geometry });
  return { weights, id: 'file' };
}

export function closedFormAdapter({ card }: Bundle, geometry: Geometry): PlannedAdapter {
  return { weights: closedForm(geometry, card.resize.kernel).weights, id: 'closed_form' };
}

function thresholdsOf({ thresholds }: StreamConfig, { card }: Bundle): HysteresisOptions {
  const usual = defaultHysteresis(card.output.decision);
  const { onset_probability: onset, offset_probability: offset } = thresholds;
  return {
    onsetProbability: onset === 'auto' ? usual.onsetProbability : onset,
    offsetProbability: offset === 'auto' ? usual.offsetProbability : offset,
    minDurationOnSeconds: thresholds.min_on_seconds,
    minDurationOffSeconds: thresholds.min_off_seconds,
    coolDownSeconds: thresholds.cool_down_seconds,
  };
}

function assertResolution({ name, resolution }: StreamConfig, { display }: SourceInfo): void {
  if (resolution === 'auto') return;
  const wanted = parseResolution(resolution);
  if (wanted.width === display.width && wanted.height === display.height) return;
  throw new ConfigurationError(
    `the stream ${name} must be ${sizeText(wanted)} as its resolution says, but its source is ${sizeText(display)}: ` +
      'correct the resolution, or write auto',
  );
}
