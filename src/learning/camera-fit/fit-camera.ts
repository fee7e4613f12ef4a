/** A front end fitted to a camera: from a request to an adapter in the store, with its record and its report. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../domain/clock.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { readAdapter, writeAdapter, type Adapter } from '../../model/adapter-file.ts';
import type { StoredAdapter } from '../../model/adapter-store.ts';
import { modelDigest, type Bundle } from '../../model/bundle.ts';
import { writeReport } from '../../output/report/report.ts';
import { adapt, type AdaptOptions, type AdaptOutcome } from '../fit/adapt.ts';
import { FitDirectory } from '../fit/fit-directory.ts';
import { evidenceRecord, writeFitRecord, type FitRecord, type FitRequest } from '../fit/fit-record.ts';
import { fitReport } from '../fit/fit-report.ts';
import { randomStart } from '../fit/random-start.ts';
import { usualLearningRate, usualLengths, usualSettings } from '../fit/usual-settings.ts';
import { decide } from './decide.ts';
import { comparison, factsOf, recordOf } from './record.ts';
import { openSetting, type CameraFitContext, type Setting } from './setting.ts';

export interface CameraFit {
  readonly outcome: AdaptOutcome;
  readonly directory: string;
  readonly stored: StoredAdapter | undefined;
  readonly seconds: number;
  /** How a repeated fit compares with its record. */
  readonly replay: string | undefined;
  readonly summary: Record<string, unknown>;
}

/** For the record and the report, out of the budget. */
const reportSeconds = 4;
/** Share of the budget that is fitted in however long the frames took to come: a live stream takes its time. */
const leastShare = 0.5;

/**
 * Fits, judges, stores what was adopted, and writes the record and the report. `offer`: what is adopted
 * is kept, but not made active.
 */
export async function fitCamera(
  asked: FitRequest,
  { offer, ...context }: CameraFitContext & { readonly offer: boolean },
): Promise<CameraFit> {
  const startedAt = systemClock.now();
  const secondsSoFar = () => (systemClock.now() - startedAt) / 1000;
  await using setting = await openSetting(asked, context);
  const { engine, bundle, geometry, frames, photographs, previous, reference, target } = setting;
  const { request, statistics, expectedRates } = await decide(asked, setting, context);
  const { signal, onProgress, replayed } = context;
  const { pixels } = statistics;
  const shipped = pixels && (() => setting.shipped(pixels));
  const key = fitKey(request, setting, replayed);
  const directory = await FitDirectory.open(join(context.stateDirectory, 'fits', key.slice(0, 12)), key);
  const frozenBefore = await frozenDigest(bundle);
  const left = request.budget_seconds - secondsSoFar() - reportSeconds;
  const { steps, batch, seed } = request;
  const outcome = await adapt({
    engine,
    bundle,
    geometry,
    frames,
    target: statistics,
    reference,
    clock: systemClock,
    photographs: photographs ? () => Promise.resolve(photographs) : shipped,
    expectedRates,
    targetKind: request.target,
    previous: previous.weights,
    init: await initOf(request, setting),
    directory,
    stages: request.stages,
    budgetSeconds: Math.max(left, leastShare * request.budget_seconds),
    force: request.force,
    signal,
    onProgress,
    decided: replayed && decidedBefore(replayed),
    settings: { ...usualSettings, steps, batch, learningRate: request.learning_rate ?? undefined, seed },
    // Passes over the frames that were asked for are passes in each stage.
    lengths: request.epochs === null && request.stages.length > 1 ? usualLengths : undefined,
    learningRates: { ...(request.tuned_learning_rate && { labels: request.tuned_learning_rate }) },
  });
  const frozen = { before: frozenBefore, after: await frozenDigest(bundle) };
  const seconds = secondsSoFar();
  const record = recordOf(request, setting, outcome, { frozen, seconds });
  if (frozen.before !== target.bundleDigest || frozen.after !== frozen.before) {
    throw new Error(`the frozen classifier has changed: ${frozen.before}, then ${frozen.after}`);
  }
  const stored = replayed ? undefined : await storeAdopted(outcome, setting, { directory, record, offer });
  await directory.writeHistory();
  const report = await fitReport({
    title: `Front end for ${bundle.card.name} at ${target.geometryKey}`,
    facts: factsOf(record, target.bundleDigest),
    outcome,
    history: directory.history,
    engine,
    geometry,
    frames,
    previous: previous.weights,
  });
  await writeReport(join(directory.path, 'report.html'), report);
  await writeFitRecord(directory.path, record);
  await directory.finish();
  const replay = replayed && comparison(replayed, record);
  return {
    outcome,
    directory: directory.path,
    stored,
    seconds,
    replay,
    summary: { directory: directory.path, adapter: stored?.id ?? null, ...record, ...(replay && { replay }) },
  };
}

async function initOf({ init, seed }: FitRequest, { target, geometry }: Setting): Promise<AdapterWeights | undefined> {
  if (init === 'closed-form') return undefined;
  if (init === 'random') return randomStart(seed);
  return (await readAdapter(init, { bundleDigest: target.bundleDigest, geometry })).weights;
}

function decidedBefore({ stages, request }: FitRecord): AdaptOptions['decided'] {
  return Object.fromEntries(
    stages.map(({ stage, steps, learning_rate: rate }) => [
      stage,
      { steps, learningRate: rate ?? request.learning_rate ?? usualLearningRate },
    ]),
  );
}

/** Hex: equal for fits whose course is the same, so that one that was cut off is found again. */
function fitKey(
  request: FitRequest,
  { target, frames, photographs, previous, engine }: Setting,
  replayed: FitRecord | undefined,
): string {
  const { device, threads } = engine.report;
  const parts = [
    request,
    target.bundleDigest,
    target.geometryKey,
    frames.fingerprint,
    photographs?.fingerprint ?? null,
    previous.id,
    device,
    threads,
    replayed?.['recorded_at'] ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

interface Adoption {
  readonly directory: FitDirectory;
  readonly record: FitRecord;
  readonly offer: boolean;
}

async function storeAdopted(
  { adopted, reason, before }: AdaptOutcome,
  { target, geometry, store }: Setting,
  { directory, record, offer }: Adoption,
): Promise<StoredAdapter | undefined> {
  if (adopted === undefined) {
    await store.note(target, 'reject', null, `adapt: ${reason}`);
    return undefined;
  }
  const adapter: Adapter = {
    weights: adopted.weights,
    bundleDigest: target.bundleDigest,
    geometry,
    provenance: {
      fit: directory.path,
      candidate: adopted.name,
      request: record.request,
      fingerprint: record.fingerprint,
      recorded_at: record['recorded_at'],
      gate: reason,
      before: evidenceRecord(before),
      after: evidenceRecord(adopted.evidence),
    },
  };
  await writeAdapter(join(directory.path, 'adapter.safetensors'), adapter);
  const stored = await store.add(adapter);
  if (offer) await store.note(target, 'offer', stored.id, `adapt: ${reason}`);
  else await store.activate(target, stored.id, `adapt: ${reason}`);
  return stored;
}

async function frozenDigest({ modelPath }: Bundle): Promise<string> {
  return modelDigest(await readFile(modelPath));
}
