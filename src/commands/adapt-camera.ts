/** What `adapt` is put together from: frames, target, fit, gate, store and record. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { sharedBundles } from '../daemon/device/shared-bundles.ts';
import { systemClock } from '../domain/clock.ts';
import { UserError } from '../domain/errors.ts';
import { seededRandom } from '../domain/random.ts';
import { redact } from '../domain/redact.ts';
import type { DeviceRequest, Engine } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { baselineOf, baselinePath, readBaseline, writeBaseline, type Baseline } from '../learning/baseline/baseline.ts';
import { cameraOf } from '../learning/data/camera.ts';
import { allOf, type FrameSet } from '../learning/data/frame-set.ts';
import { loadFrames } from '../learning/data/load-frames.ts';
import { adapt, type AdaptOptions, type AdaptOutcome, type AdaptProgress } from '../learning/fit/adapt.ts';
import { FitDirectory } from '../learning/fit/fit-directory.ts';
import {
  evidenceRecord,
  weightsDigest,
  writeFitRecord,
  type FitRecord,
  type FitRequest,
} from '../learning/fit/fit-record.ts';
import { fitReport } from '../learning/fit/fit-report.ts';
import { randomStart } from '../learning/fit/random-start.ts';
import { splitFrames } from '../learning/fit/split.ts';
import { readFittingDefault } from '../learning/fitting-defaults.ts';
import { undamagedPictures } from '../learning/simulation/undamaged-pictures.ts';
import { runsAtOnce, usualLearningRate, usualLengths, usualSettings } from '../learning/fit/usual-settings.ts';
import { evidenceOf } from '../learning/gate/evidence.ts';
import type { ColourStatistics, FeatureStatistics } from '../learning/statistics/feature-statistics.ts';
import { Observer } from '../learning/statistics/observe.ts';
import { parameterCount, type AdapterWeights } from '../model/adapter.ts';
import { readAdapter, writeAdapter, type Adapter } from '../model/adapter-file.ts';
import { AdapterStore, type ActivationTarget, type StoredAdapter } from '../model/adapter-store.ts';
import { modelDigest, type Bundle } from '../model/bundle.ts';
import { closedForm } from '../model/closed-form.ts';
import { geometryKey, type Geometry } from '../model/geometry.ts';
import { parseResolution } from '../model/resolution.ts';
import { decodeModel } from '../onnx/wire.ts';
import { writeReport } from '../output/report/report.ts';
import { configuredFfmpeg } from '../daemon/configured-parts.ts';

export interface AdaptContext {
  /** Where ffmpeg and bundles are. */
  readonly config: Pick<Config, 'ffmpeg' | 'models_directory'>;
  readonly stateDirectory: string;
  readonly device: DeviceRequest;
  /** What is adopted is kept, but not made active. */
  readonly offer?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AdaptProgress) => void;
  /** The record of a fit to do again. */
  readonly replayed?: FitRecord | undefined;
}

export interface CameraFit {
  readonly outcome: AdaptOutcome;
  readonly directory: string;
  readonly stored: StoredAdapter | undefined;
  readonly seconds: number;
  /** How a repeated fit compares with its record. */
  readonly replay: string | undefined;
  readonly summary: Record<string, unknown>;
}

/** Frames, and everything that they go through. */
interface Setting extends AsyncDisposable {
  readonly engine: Engine;
  readonly bundle: Bundle;
  readonly geometry: Geometry;
  readonly frames: FrameSet;
  /** Undamaged pictures of what is to be told apart, where the user has some. */
  readonly photographs: FrameSet | undefined;
  /** Those that ship, in these colours; loaded when they are first asked for. */
  readonly shipped: (colours: ColourStatistics) => Promise<FrameSet>;
  readonly store: AdapterStore;
  readonly reference: AdapterWeights;
  /** The front end that is in use, and its id unless that is the closed form. */
  readonly previous: { readonly weights: AdapterWeights; readonly id: string | null };
}

/** For the record and the report, out of the budget. */
const reportSeconds = 4;
/** Share of the budget that is fitted in however long the frames took to come: a live stream takes its time. */
const leastShare = 0.5;

/** Undamaged pictures that a fit is taught on, at most. */
const photographCount = 96;

async function settingOf(request: FitRequest, context: AdaptContext): Promise<Setting> {
  const { signal, onProgress } = context;
  const bundle = await sharedBundles(context.config)(request.bundle);
  const ffmpeg = await configuredFfmpeg(context.config);
  const engine = await onnxruntimeEngine({ device: context.device, workers: runsAtOnce });
  try {
    const resolution = request.resolution === 'auto' ? 'auto' : parseResolution(request.resolution);
    const looked = {
      ...{ card: bundle.card, device: engine.report.device, geometry: request.geometry, ffmpeg, signal },
      region: request.region,
    };
    const camera = await cameraOf(request.sources, { ...looked, resolution });
    const { geometry } = camera.choice;
    onProgress({ what: `loading up to ${request.frames} frames` });
    const numbers = seededRandom(request.seed);
    const loaded = { ffmpeg, random: () => numbers.next(), signal };
    const frames = await loadFrames(camera, { ...loaded, limit: request.frames });
    const pictured = { ...looked, resolution: camera.native };
    const few = { ...loaded, limit: photographCount };
    const photographs =
      request.photographs === null ? undefined : await loadFrames(await cameraOf([request.photographs], pictured), few);
    let shipped: Promise<FrameSet> | undefined;
    const store = new AdapterStore(context.stateDirectory, systemClock);
    const reference = closedForm(geometry, bundle.card.resize.kernel).weights;
    const inUse = await frontEndInUse(store, targetOf(bundle, geometry, request.stream), context.replayed);
    const previous = inUse ? { weights: inUse.adapter.weights, id: inUse.id } : { weights: reference, id: null };
    return {
      ...{ engine, bundle, geometry, frames, photographs, store, reference, previous },
      shipped: (colours) => (shipped ??= undamagedPictures(pictured, colours, few)),
      [Symbol.asyncDispose]: async () => {
        await (await shipped)?.[Symbol.asyncDispose]();
        await photographs?.[Symbol.asyncDispose]();
        await frames[Symbol.asyncDispose]();
        await engine[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of a fit that is repeated the one that was in use then. Undefined: the closed form. */
async function frontEndInUse(
  store: AdapterStore,
  target: ActivationTarget,
  replayed: FitRecord | undefined,
): Promise<StoredAdapter | undefined> {
  if (replayed === undefined) return (await store.active(target)).stored;
  return replayed.previous.adapter === null ? undefined : await store.find(replayed.previous.adapter);
}

function targetOf({ card }: Bundle, geometry: Geometry, stream: string | null) {
  return { stream, bundleDigest: card.model.digest, geometryKey: geometryKey(geometry) };
}

/** Statistics and class rates of the frames through the front end that is in use. */
export async function recordBaseline(
  request: FitRequest,
  context: AdaptContext,
): Promise<{ readonly path: string; readonly baseline: Baseline }> {
  await using setting = await settingOf(request, context);
  const { engine, bundle, geometry, frames, previous } = setting;
  const classifier = decodeModel(await readFile(bundle.modelPath));
  await using observer = await Observer.load(engine, {
    ...{ classifier, card: bundle.card, geometry, batch: 16, logits: true },
  });
  context.onProgress({ what: `looking at ${frames.length} frames` });
  const observation = await observer.observe(frames, allOf(frames), previous.weights, context.signal);
  const evidence = evidenceOf(observation, bundle.card.statistics, bundle.card.output);
  const target = { bundleDigest: bundle.card.model.digest, geometry };
  const baseline = baselineOf(target, observation.statistics, evidence, systemClock.date());
  const path = baselinePath(context.stateDirectory, request.stream, target);
  await writeBaseline(path, baseline);
  return { path, baseline };
}

/** Fits, judges, stores what was adopted, and writes the record and the report. */
export async function adaptCamera(asked: FitRequest, context: AdaptContext): Promise<CameraFit> {
  const startedAt = systemClock.now();
  await using setting = await settingOf(asked, context);
  const { engine, bundle, geometry, frames, photographs, previous, reference } = setting;
  const { request, statistics, expectedRates } = await decided(asked, setting, context);
  const { pixels } = statistics;
  const shipped = pixels && (() => setting.shipped(pixels));
  const key = fitKey(request, setting, context.replayed);
  const directory = await FitDirectory.open(join(context.stateDirectory, 'fits', key.slice(0, 12)), key);
  const frozenBefore = await digestOf(bundle.modelPath);
  const left = request.budget_seconds - (systemClock.now() - startedAt) / 1000 - reportSeconds;
  const outcome = await adapt({
    ...{ engine, bundle, geometry, frames, target: statistics, reference, clock: systemClock },
    photographs: photographs ? () => Promise.resolve(photographs) : shipped,
    expectedRates,
    ...{ targetKind: request.target, previous: previous.weights, init: await initOf(request, setting), directory },
    ...{
      stages: request.stages,
      budgetSeconds: Math.max(left, leastShare * request.budget_seconds),
      force: request.force,
    },
    ...{ signal: context.signal, onProgress: context.onProgress, decided: decidedBefore(context.replayed) },
    settings: settingsOf(request),
    // Passes over the frames that were asked for are passes in each stage.
    lengths: request.epochs === null && request.stages.length > 1 ? usualLengths : undefined,
    learningRates: { ...(request.tuned_learning_rate && { labels: request.tuned_learning_rate }) },
  });
  const frozenAfter = await digestOf(bundle.modelPath);
  const seconds = (systemClock.now() - startedAt) / 1000;
  const record: FitRecord = {
    format: 'edge-cls-fit/1',
    recorded_at: systemClock.date().toISOString(),
    request,
    fingerprint: frames.fingerprint,
    frames: { all: frames.length, fitted_on: outcome.split.fit.length, held_out: outcome.split.held.length },
    bundle: { name: bundle.card.name, digest: bundle.card.model.digest },
    geometry: geometryKey(geometry),
    device: { ...engine.report },
    versions: { node: process.version },
    parameters: { trainable: parameterCount, frozen: bundle.card.model.parameters },
    frozen_digest: { before: frozenBefore, after: frozenAfter },
    previous: { adapter: previous.id, ...evidenceRecord(outcome.before) },
    stages: outcome.stages.map(({ stage, steps, learningRate, framesPerSecond }) => ({
      ...{ stage, steps, learning_rate: learningRate, frames_per_second: framesPerSecond },
    })),
    candidates: outcome.candidates.map(({ name, weights, evidence, verdict }) => ({
      ...{ name, weights: weightsDigest(weights), ...evidenceRecord(evidence), gate: verdict },
    })),
    adopted: outcome.adopted?.name ?? null,
    reason: outcome.reason,
    seconds,
    peak_rss_mebibytes: process.resourceUsage().maxRSS / 1024,
  };
  if (frozenBefore !== bundle.card.model.digest || frozenAfter !== frozenBefore) {
    throw new Error(`the frozen classifier has changed: ${frozenBefore}, then ${frozenAfter}`);
  }
  const stored = context.replayed
    ? undefined
    : await storeAdopted(outcome, request, setting, directory, record, context.offer);
  await directory.writeHistory();
  const report = await fitReport({
    title: `Front end for ${bundle.card.name} at ${geometryKey(geometry)}`,
    facts: factsOf(record),
    ...{ outcome, history: directory.history, engine, geometry, frames, previous: previous.weights },
  });
  await writeReport(join(directory.path, 'report.html'), report);
  await writeFitRecord(directory.path, record);
  await directory.finish();
  const replay = context.replayed && comparison(context.replayed, record);
  return {
    ...{ outcome, directory: directory.path, stored, seconds, replay },
    summary: { directory: directory.path, adapter: stored?.id ?? null, ...record, ...(replay && { replay }) },
  };
}

/** What the request left open, now that the frames and the stream's baseline are known. */
async function decided(
  asked: FitRequest,
  { bundle, geometry, frames, photographs }: Setting,
  { stateDirectory, replayed }: AdaptContext,
): Promise<{
  request: FitRequest;
  statistics: FeatureStatistics;
  expectedRates: readonly number[] | undefined;
}> {
  const target = { bundleDigest: bundle.card.model.digest, geometry };
  const own = await readBaseline(baselinePath(stateDirectory, asked.stream, target));
  const baseline =
    asked.target === 'card' ? undefined : (own ?? (await readBaseline(baselinePath(stateDirectory, null, target))));
  const labelled = frames.labels !== undefined && asked.target === 'labels';
  if (asked.target === 'baseline' && baseline === undefined) {
    throw new UserError('there is no baseline of this stream; record one in its good time with --record-baseline');
  }
  if (asked.stages.includes('labels') && !labelled) {
    throw new UserError(
      'the frames must be labelled for --objective labels: give a folder with a sub-folder per class',
    );
  }
  const statistics = baseline?.statistics ?? bundle.card.statistics;
  const pictured = photographs !== undefined || statistics.pixels !== undefined;
  if (asked.stages.includes('restore') && !pictured) {
    throw new UserError(
      'restore must be given undamaged pictures, since the bundle does not say what colours it was trained on; ' +
        'name a folder of them with --photographs',
    );
  }
  const auto = [
    'align',
    ...(pictured ? (['restore'] as const) : []),
    ...(labelled ? (['labels'] as const) : []),
  ] as const;
  const untaught = labelled ? (['labels'] as const) : (['match'] as const);
  const stages = asked.stages.length > 0 ? asked.stages : asked.init === 'random' ? [...untaught] : [...auto];
  const { epochs, batch } = asked;
  const tuned = labelled && asked.learning_rate === null && replayed === undefined;
  const tunedRate = tuned ? await tunedLearningRate(stateDirectory, bundle, geometry) : asked.tuned_learning_rate;
  const fitted = splitFrames(frames.length).fit.length;
  const steps = epochs === null ? asked.steps : Math.max(1, Math.ceil((epochs * fitted) / batch));
  return {
    // A record, an adapter and a report are shown and passed on: no password of a camera may be in them.
    request: {
      ...asked,
      ...{ steps, tuned_learning_rate: tunedRate },
      sources: asked.sources.map(redact),
      stages: [...stages],
      target: labelled ? 'labels' : baseline ? 'baseline' : 'card',
    },
    statistics,
    expectedRates: baseline?.class_rates,
  };
}

/** As `edge-cls tune` found it: for labels, and the same in both convolutions. */
async function tunedLearningRate(
  state: string,
  { card }: Bundle,
  geometry: Geometry,
): Promise<FitRequest['tuned_learning_rate']> {
  const key = { target: 'adapter', bundleDigest: card.model.digest, variant: geometryKey(geometry) } as const;
  const rate = (await readFittingDefault(state, key))?.learning_rate;
  return rate === undefined ? null : { conv1: rate, conv2: rate };
}

async function initOf({ init, seed }: FitRequest, { bundle, geometry }: Setting): Promise<AdapterWeights | undefined> {
  if (init === 'closed-form') return undefined;
  if (init === 'random') return randomStart(seed);
  return (await readAdapter(init, { bundleDigest: bundle.card.model.digest, geometry })).weights;
}

function settingsOf({ steps, batch, learning_rate: learningRate, seed }: FitRequest): AdaptOptions['settings'] {
  return { ...usualSettings, steps, batch, learningRate: learningRate ?? undefined, seed };
}

function decidedBefore(record: FitRecord | undefined): AdaptOptions['decided'] {
  return (
    record &&
    Object.fromEntries(
      record.stages.map(({ stage, steps, learning_rate: rate }) => {
        const learningRate = rate ?? record.request.learning_rate ?? usualLearningRate;
        return [stage, { steps, learningRate }];
      }),
    )
  );
}

/** Hex: equal for fits whose course is the same, so that one that was cut off is found again. */
function fitKey(
  request: FitRequest,
  { bundle, geometry, frames, photographs, previous, engine }: Setting,
  replayed?: FitRecord,
): string {
  const { device, threads } = engine.report;
  const parts = [
    request,
    bundle.card.model.digest,
    geometryKey(geometry),
    frames.fingerprint,
    photographs?.fingerprint ?? null,
    previous.id,
    device,
    threads,
  ];
  return createHash('sha256')
    .update(JSON.stringify([...parts, replayed?.['recorded_at'] ?? null]))
    .digest('hex');
}

async function storeAdopted(
  { adopted, reason, before }: AdaptOutcome,
  request: FitRequest,
  { bundle, geometry, store, frames }: Setting,
  directory: FitDirectory,
  record: FitRecord,
  offer = false,
): Promise<StoredAdapter | undefined> {
  const target = targetOf(bundle, geometry, request.stream);
  if (adopted === undefined) {
    await store.note(target, 'reject', null, `adapt: ${reason}`);
    return undefined;
  }
  const adapter: Adapter = {
    weights: adopted.weights,
    bundleDigest: bundle.card.model.digest,
    geometry,
    provenance: {
      ...{ fit: directory.path, candidate: adopted.name, request, fingerprint: frames.fingerprint },
      ...{ recorded_at: record['recorded_at'], gate: reason },
      ...{ before: evidenceRecord(before), after: evidenceRecord(adopted.evidence) },
    },
  };
  await writeAdapter(join(directory.path, 'adapter.safetensors'), adapter);
  const stored = await store.add(adapter);
  if (offer) await store.note(target, 'offer', stored.id, `adapt: ${reason}`);
  else await store.activate(target, stored.id, `adapt: ${reason}`);
  return stored;
}

function comparison(record: FitRecord, now: FitRecord): string {
  if (record.fingerprint !== now.fingerprint) return 'replay       the frames are not those of the record';
  const differing = record.candidates.filter(({ name, weights }) => {
    return now.candidates.find((candidate) => candidate.name === name)?.weights !== weights;
  });
  return differing.length === 0
    ? `replay       all ${record.candidates.length} candidates are equal to the record's, bit for bit`
    : `replay       ${differing.map(({ name }) => name).join(', ')} differ from the record's`;
}

function factsOf(record: FitRecord): [string, string | number][] {
  const { request, fingerprint, device } = record;
  return [
    ['sources', request.sources.join(', ')],
    ['bundle', (record['bundle'] as { digest: string }).digest],
    ['frames', fingerprint],
    ['target', request.target],
    ['stages', record.stages.map(({ stage, steps }) => `${stage}: ${steps} steps`).join(', ')],
    [
      'learning rates',
      record.stages.map(({ stage, learning_rate: rate }) => `${stage}: ${rate?.conv1} and ${rate?.conv2}`).join(', '),
    ],
    ['seed', request.seed],
    ['device', `${device.device}, ${device.threads} threads`],
    ['trainable values', parameterCount],
  ];
}

async function digestOf(path: string): Promise<string> {
  return modelDigest(await readFile(path));
}
