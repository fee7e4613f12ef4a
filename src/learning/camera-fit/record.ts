/** A fit to a camera as it is written down. */
import { systemClock } from '../../domain/clock.ts';
import { parameterCount } from '../../model/adapter.ts';
import { evidenceRecord, weightsDigest, type FitRecord, type FitRequest } from '../fit/fit-record.ts';
import type { AdaptOutcome } from '../fit/adapt.ts';
import type { Setting } from './setting.ts';

/** `frozen`: digests of the classifier's file before and after. */
export function recordOf(
  request: FitRequest,
  { bundle, engine, frames, previous, target }: Setting,
  outcome: AdaptOutcome,
  {
    frozen,
    seconds,
  }: { readonly frozen: { readonly before: string; readonly after: string }; readonly seconds: number },
): FitRecord {
  return {
    format: 'edge-cls-fit/1',
    recorded_at: systemClock.date().toISOString(),
    request,
    fingerprint: frames.fingerprint,
    frames: { all: frames.length, fitted_on: outcome.split.fit.length, held_out: outcome.split.held.length },
    bundle: { name: bundle.card.name, digest: bundle.card.model.digest },
    geometry: target.geometryKey,
    device: { ...engine.report },
    versions: { node: process.version },
    parameters: { trainable: parameterCount, frozen: bundle.card.model.parameters },
    frozen_digest: frozen,
    previous: { adapter: previous.id, ...evidenceRecord(outcome.before) },
    stages: outcome.stages.map(({ stage, steps, learningRate, framesPerSecond }) => ({
      stage,
      steps,
      learning_rate: learningRate,
      frames_per_second: framesPerSecond,
    })),
    candidates: outcome.candidates.map(({ name, weights, evidence, verdict }) => ({
      name,
      weights: weightsDigest(weights),
      ...evidenceRecord(evidence),
      gate: verdict,
    })),
    adopted: outcome.adopted?.name ?? null,
    reason: outcome.reason,
    seconds,
    peak_rss_mebibytes: process.resourceUsage().maxRSS / 1024,
  };
}

/** How a repeated fit compares with its record. */
export function comparison(record: FitRecord, now: FitRecord): string {
  if (record.fingerprint !== now.fingerprint) return 'replay       the frames are not those of the record';
  const differing = record.candidates.filter(
    ({ name, weights }) => now.candidates.find((candidate) => candidate.name === name)?.weights !== weights,
  );
  return differing.length === 0
    ? `replay       all ${record.candidates.length} candidates are equal to the record's, bit for bit`
    : `replay       ${differing.map(({ name }) => name).join(', ')} differ from the record's`;
}

/** The record in lines of a report. */
export function factsOf(
  { request, fingerprint, device, stages }: FitRecord,
  bundleDigest: string,
): [string, string | number][] {
  return [
    ['sources', request.sources.join(', ')],
    ['bundle', bundleDigest],
    ['frames', fingerprint],
    ['target', request.target],
    ['stages', stages.map(({ stage, steps }) => `${stage}: ${steps} steps`).join(', ')],
    [
      'learning rates',
      stages.map(({ stage, learning_rate: rate }) => `${stage}: ${rate?.conv1} and ${rate?.conv2}`).join(', '),
    ],
    ['seed', request.seed],
    ['device', `${device.device}, ${device.threads} threads`],
    ['trainable values', parameterCount],
  ];
}
