/** What a search trains: a head on a bundle's backbone, or a front end on labelled frames. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheDirectory } from '../../config/cache-directory.ts';
import type { Engine } from '../../engine/engine.ts';
import type { FittingKey } from '../../learning/fitting-defaults.ts';
import type { HeadKind } from '../../learning/head/backbone.ts';
import { headMaterial } from '../../learning/head/train-head.ts';
import { adapterMaterial, type Start } from '../../learning/tuning/adapter-material.ts';
import type { Bundle } from '../../model/bundle.ts';
import { geometryKey, type RequestedMode } from '../../model/geometry.ts';
import { parseResolution } from '../../model/resolution.ts';
import type { RunTrial } from '../../search/trial-runner.ts';
import { findFfmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { featureProgress } from '../feature-progress.ts';
import type { ProgressLine } from '../progress-line.ts';
import type { Subject } from './search-subject.ts';
import { adapterTrial, headTrial } from './trials.ts';

/** Of the command line, what decides the scores beside the search's own settings. */
export interface TargetOptions {
  target: FittingKey['target'];
  head: HeadKind;
  resolution: string;
  geometry: RequestedMode;
  start: Start;
  limit: number;
  seed: number;
  validationSplit: number;
  cache?: string;
}

/** What is trained, and what makes its scores what they are. */
export interface Target extends AsyncDisposable {
  readonly key: FittingKey;
  readonly runTrial: RunTrial;
  readonly subject: Subject;
}

export interface TargetParts {
  readonly folder: string;
  readonly bundle: Bundle;
  readonly options: TargetOptions;
  readonly engine: Engine;
  readonly line: ProgressLine;
  readonly signal: AbortSignal;
  /** The batch size, where it is not searched. */
  readonly batch: number | undefined;
}

export async function headTarget({
  folder,
  bundle,
  options,
  engine,
  line,
  signal,
  batch,
}: TargetParts): Promise<Target> {
  const { head, seed, validationSplit: validationShare } = options;
  const material = await headMaterial({
    folder,
    bundle,
    head,
    seed,
    validationShare,
    engine,
    signal,
    ffmpeg: await findFfmpeg(),
    cacheDirectory: options.cache ?? join(cacheDirectory(), 'features'),
    onFeatures: featureProgress(line),
  });
  const photographs = digestOf(material.all.photographs.map(({ digest, label }) => `${digest} ${label}`).join('\n'));
  return {
    key: { target: 'head', bundleDigest: bundle.card.model.digest, variant: head },
    runTrial: headTrial(material, batch),
    subject: { ...commonSubject(bundle, options, batch), head, photographs },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export async function adapterTarget({
  folder,
  bundle,
  options,
  engine,
  line,
  signal,
  batch,
}: TargetParts): Promise<Target> {
  const { start, limit, seed, geometry: mode, validationSplit: validationShare } = options;
  const resolution = options.resolution === 'auto' ? 'auto' : parseResolution(options.resolution);
  line.update('loading frames');
  const material = await adapterMaterial({
    folder,
    bundle,
    resolution,
    mode,
    start,
    limit,
    validationShare,
    seed,
    engine,
    signal,
    ffmpeg: await findFfmpeg(),
  });
  const variant = geometryKey(material.geometry);
  return {
    key: { target: 'adapter', bundleDigest: bundle.card.model.digest, variant },
    runTrial: adapterTrial(material, batch),
    subject: {
      ...commonSubject(bundle, options, batch),
      geometry: variant,
      start,
      frames: material.frames.fingerprint,
    },
    [Symbol.asyncDispose]: () => material[Symbol.asyncDispose](),
  };
}

function commonSubject(
  { card }: Bundle,
  { target, validationSplit }: TargetOptions,
  batch: number | undefined,
): Subject {
  const common = { target, bundle: card.model.digest, 'validation split': validationSplit };
  return batch === undefined ? common : { ...common, 'batch size': batch };
}

export function directoryName(subject: Subject): string {
  return `${subject['target'] ?? ''}-${digestOf(JSON.stringify(subject)).slice(0, 12)}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
