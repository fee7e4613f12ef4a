/** `fit.json`: what was fitted on what, how, and what the gate said; enough to do it again. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { ConfigurationError } from '../../domain/errors.ts';
import { adapterTensorNames, toTensors, type AdapterWeights } from '../../model/adapter.ts';
import { requestedModes } from '../../model/geometry.ts';
import { views } from '../../model/view.ts';
import { wilson } from '../evaluation/intervals.ts';
import type { Evidence } from '../gate/evidence.ts';
import { mean } from '../mean.ts';
import { objectives } from './stages.ts';

const learningRate = z.strictObject({ conv1: z.number(), conv2: z.number() });

/** What the command line asked for, with everything that was left to the program decided. */
const requestSchema = z.strictObject({
  sources: z.array(z.string()).min(1),
  resolution: z.string(),
  /** A folder of undamaged pictures, for `restore`. */
  photographs: z.string().nullable().default(null),
  region: z.string().nullable().default(null),
  bundle: z.string(),
  geometry: z.enum(requestedModes),
  /** A fit that was made before there was a choice saw as in training. */
  view: z.enum(views).default('centre'),
  init: z.string(),
  stages: z.array(z.enum(objectives)),
  target: z.enum(['labels', 'baseline', 'card']),
  stream: z.string().nullable(),
  frames: z.int().positive(),
  batch: z.int().positive(),
  /** Null: a range test finds one for each stage. */
  learning_rate: learningRate.nullable(),
  /** Of the stage of labels, as a search found it. */
  tuned_learning_rate: learningRate.nullable().default(null),
  /** Of each stage, at most. */
  steps: z.int().positive(),
  /** Passes over the frames that are fitted on: these decide the steps, once the frames are known. */
  epochs: z.int().positive().nullable().default(null),
  seed: z.int().nonnegative(),
  budget_seconds: z.number().positive(),
  force: z.boolean(),
});

export type FitRequest = z.infer<typeof requestSchema>;

const recordSchema = z.looseObject({
  format: z.literal('edge-cls-fit/1'),
  request: requestSchema,
  fingerprint: z.string(),
  device: z.looseObject({ device: z.string(), threads: z.number() }),
  /** The front end that was in use; null is the closed form. */
  previous: z.looseObject({ adapter: z.string().nullable() }),
  stages: z.array(
    z.looseObject({ stage: z.enum(objectives), steps: z.int().positive(), learning_rate: learningRate.optional() }),
  ),
  candidates: z.array(z.looseObject({ name: z.string(), weights: z.string() })),
});

export type FitRecord = z.infer<typeof recordSchema>;

export const recordFile = 'fit.json';

export async function writeFitRecord(directory: string, record: FitRecord): Promise<void> {
  await writeFileAtomic(join(directory, recordFile), `${JSON.stringify(record, null, 2)}\n`);
}

/** Throws a `ConfigurationError` where the directory holds no finished fit. */
export async function readFitRecord(directory: string): Promise<FitRecord> {
  const path = join(directory, recordFile);
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new ConfigurationError(`${path} must be the record of a finished fit, it is not; name a fit's directory`, {
      cause: error,
    });
  }
}

/** Equal digests are equal weights, bit for bit. */
export function weightsDigest(weights: AdapterWeights): string {
  const tensors = toTensors(weights);
  const hash = createHash('sha256');
  for (const name of adapterTensorNames) {
    const data = tensors[name]?.data;
    if (data) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Evidence as it is written down: with intervals, without each frame's answer. */
export function evidenceRecord({ frames, distance, meanConfidence, classRates, labelled }: Evidence) {
  const most = classRates.map((rate, label) => ({ label, rate })).filter(({ rate }) => rate > 0);
  return {
    frames,
    statistics_distance: distance,
    mean_confidence: meanConfidence,
    /** Of the labels that were given, by index. */
    class_rates: Object.fromEntries(most.map(({ label, rate }) => [label, rate])),
    ...(labelled && {
      accuracy: wilson(labelled.right.filter(Boolean).length, frames),
      mean_log_likelihood: mean(labelled.logLikelihoods),
    }),
  };
}
