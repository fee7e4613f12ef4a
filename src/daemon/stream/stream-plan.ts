/** What a stream will be: its source looked at, its geometry, adapter, labels and thresholds decided. */
import type { StreamConfig } from '../../config/schema.ts';
import { ConfigurationError } from '../../domain/errors.ts';
import type { DeviceReport } from '../../engine/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { readAdapter } from '../../model/adapter-file.ts';
import type { Bundle } from '../../model/bundle.ts';
import { chooseGeometry } from '../../model/choose-geometry.ts';
import { closedForm } from '../../model/closed-form.ts';
import { decoderSettings, type DecoderSettings } from '../../model/decoder-settings.ts';
import { sizeText, type Geometry, type GeometryChoice } from '../../model/geometry.ts';
import { parseResolution } from '../../model/resolution.ts';
import { defaultHysteresis, type HysteresisOptions } from '../../pipeline/hysteresis.ts';
import { targetsOf, type Target } from '../../pipeline/targets.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { probe } from '../../video/source/probe.ts';
import { parseRegion, placeRegion } from '../../video/source/region.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { parseSource, type SourceSpec } from '../../video/source/source-spec.ts';

export interface StreamPlan {
  readonly name: string;
  readonly config: StreamConfig;
  readonly spec: SourceSpec;
  readonly info: SourceInfo;
  readonly bundle: Bundle;
  readonly choice: GeometryChoice;
  readonly decoder: DecoderSettings;
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
  readonly ffmpeg: Ffmpeg;
  readonly device: Pick<DeviceReport, 'device'>;
  readonly bundle: Bundle;
  readonly signal?: AbortSignal;
  /** What the source is, where that is known: it is not opened then. */
  readonly info?: SourceInfo | undefined;
  /** The configured file, else the closed form, by default. */
  readonly adapterFor?: (config: StreamConfig, bundle: Bundle, geometry: Geometry) => Promise<PlannedAdapter>;
}

/** Opens the source once to see what it is. Throws a `UserError` for whatever cannot be. */
export async function planStream(config: StreamConfig, parts: PlanParts): Promise<StreamPlan> {
  const { bundle, ffmpeg, signal, adapterFor = configuredAdapter } = parts;
  const spec = parseSource(config.source);
  const targets = targetsOf(bundle.card.output.labels, config);
  const region = config.region === null ? undefined : parseRegion(config.region);
  const info = parts.info ?? (await probe(spec, ffmpeg, signal ? { signal } : {}));
  assertResolution(config, info);
  const placed = region ? placeRegion(region, info.display) : { x: 0, y: 0, ...info.display };
  const choice = chooseGeometry(config.geometry, parts.device.device, bundle.card, placed);
  const adapter = await adapterFor(config, bundle, choice.geometry);
  return {
    name: config.name,
    config,
    spec,
    info,
    bundle,
    choice,
    decoder: decoderSettings(bundle.card, choice, {
      region: region ? placed : undefined,
      sizesDiffer: spec.kind === 'folder',
    }),
    adapter: adapter.weights,
    adapterId: adapter.id,
    targets,
    thresholds: thresholdsOf(config, bundle),
  };
}

async function configuredAdapter(
  { adapter }: StreamConfig,
  bundle: Bundle,
  geometry: Geometry,
): Promise<PlannedAdapter> {
  if (adapter === null) return closedFormAdapter(bundle, geometry);
  const { weights } = await readAdapter(adapter, { bundleDigest: bundle.card.model.digest, geometry });
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
