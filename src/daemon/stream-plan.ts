/** What a stream will be: its source looked at, its geometry, adapter, labels and thresholds decided. */
import type { StreamConfig } from '../config/schema.ts';
import { ConfigurationError } from '../domain/errors.ts';
import type { Size } from '../domain/frame.ts';
import type { DeviceReport } from '../engine/engine.ts';
import type { AdapterWeights } from '../model/adapter.ts';
import { readAdapter } from '../model/adapter-file.ts';
import type { Bundle } from '../model/bundle.ts';
import { bundleGeometry } from '../model/bundle-geometry.ts';
import { closedForm } from '../model/closed-form.ts';
import { sizeText, type Geometry, type GeometryChoice, type Rectangle } from '../model/geometry.ts';
import { mergedMacs } from '../model/merge-adapter.ts';
import { parseResolution } from '../model/resolution.ts';
import { defaultHysteresis, type HysteresisOptions } from '../pipeline/hysteresis.ts';
import { targetsOf, type Target } from '../pipeline/targets.ts';
import type { Ffmpeg } from '../video/ffmpeg.ts';
import type { Crop, Scaler } from '../video/filters.ts';
import { probe } from '../video/probe.ts';
import { parseRegion, placeRegion } from '../video/region.ts';
import type { SourceInfo } from '../video/source-info.ts';
import { parseSource, type SourceSpec } from '../video/source-spec.ts';

export interface StreamPlan {
  readonly name: string;
  readonly config: StreamConfig;
  readonly spec: SourceSpec;
  readonly info: SourceInfo;
  readonly bundle: Bundle;
  readonly choice: GeometryChoice;
  /** What the decoder cuts out of the picture; all of it where there is none. */
  readonly crop: Crop | undefined;
  /** How the decoder brings the crop to the grid. */
  readonly scaler: Scaler;
  readonly adapter: AdapterWeights;
  readonly targets: readonly Target[];
  readonly thresholds: HysteresisOptions;
}

export interface PlanParts {
  readonly ffmpeg: Ffmpeg;
  readonly device: DeviceReport;
  readonly bundle: Bundle;
  readonly signal?: AbortSignal;
}

/** Opens the source once to see what it is. Throws a `UserError` for whatever cannot be. */
export async function planStream(config: StreamConfig, parts: PlanParts): Promise<StreamPlan> {
  const { bundle, ffmpeg, signal } = parts;
  const spec = parseSource(config.source);
  const targets = targetsOf(bundle.card.output.labels, config);
  const region = config.region === null ? undefined : parseRegion(config.region);
  const info = await probe(spec, ffmpeg, signal ? { signal } : {});
  assertResolution(config, info);
  const placed = region ? placeRegion(region, info.display) : { x: 0, y: 0, ...info.display };
  const choice = chooseGeometry(config, parts.device, bundle, placed);
  return {
    name: config.name,
    config,
    spec,
    info,
    bundle,
    choice,
    crop: cropOf(spec, bundle, region ? placed : undefined, choice),
    scaler: scalerOf(bundle),
    adapter: await adapterOf(config, bundle, choice.geometry),
    targets,
    thresholds: thresholdsOf(config, bundle),
  };
}

/** A GPU has the arithmetic to see all pixels; a CPU takes what costs least, which is `staged` from about 2× on. */
function chooseGeometry(
  { geometry }: StreamConfig,
  { device }: DeviceReport,
  { card }: Bundle,
  region: Size,
): GeometryChoice {
  const native = bundleGeometry(card, region, 'native');
  const staged = bundleGeometry(card, region, 'staged');
  if (geometry !== 'auto') return geometry === 'native' ? native : staged;
  return device !== 'cpu' || cheapestMacs(native) < cheapestMacs(staged) ? native : staged;
}

function cheapestMacs({ macs, geometry }: GeometryChoice): number {
  return Math.min(macs, mergedMacs(geometry));
}

/** A folder's pictures differ in size, so their crop is a share of each. */
function cropOf(
  spec: SourceSpec,
  { card }: Bundle,
  region: Rectangle | undefined,
  { crop }: GeometryChoice,
): Crop | undefined {
  if (region) return { ...crop, x: region.x + crop.x, y: region.y + crop.y };
  if (card.resize.fit === 'stretch') return undefined;
  return spec.kind === 'folder' ? { centreShare: card.resize.fraction ?? 1 } : crop;
}

/**
 * The kernel of the training resize also for the rest that the strides leave, which is all there
 * is where a small picture is enlarged: on one of 360 lines area blurs enough to change the first
 * label of a classifier that was trained with bicubic.
 */
function scalerOf({ card }: Bundle): Scaler {
  const { kernel } = card.resize;
  if (kernel === 'bicubic') return 'bicubic';
  return kernel === 'bilinear' || kernel === 'triangle' ? 'bilinear' : 'area';
}

async function adapterOf({ adapter }: StreamConfig, { card }: Bundle, geometry: Geometry): Promise<AdapterWeights> {
  if (adapter === null) return closedForm(geometry, card.resize.kernel).weights;
  return (await readAdapter(adapter, { bundleDigest: card.model.digest, geometry })).weights;
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
