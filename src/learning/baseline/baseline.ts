/** What a stream looks like in its good time, in a few kilobytes without a picture: the target that fits it best. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { ConfigurationError } from '../../domain/errors.ts';
import type { AdapterTarget } from '../../model/adapter-file.ts';
import { geometryKey } from '../../model/geometry.ts';
import type { Evidence } from '../gate/evidence.ts';
import type { FeatureStatistics } from '../statistics/feature-statistics.ts';

const numbers = z.array(z.number());

const baselineSchema = z.strictObject({
  format: z.literal('edge-cls-baseline/1'),
  bundle_digest: z.string(),
  geometry: z.string(),
  recorded_at: z.iso.datetime(),
  frames: z.int().positive(),
  statistics: z.strictObject({
    pixels: z.strictObject({ mean: numbers.length(3), covariance: z.array(numbers.length(3)).length(3) }),
    activations: z.array(z.strictObject({ tensor: z.string(), mean: numbers, standardDeviation: numbers })),
  }),
  class_rates: numbers,
  /** Mean and standard deviation over frames of the likeliest class's probability. */
  confidence: z.strictObject({ mean: z.number(), standard_deviation: z.number() }),
});

export type Baseline = z.infer<typeof baselineSchema>;

/** `baselines/STREAM-DIGEST-GEOMETRY.json` in the state directory; `stream` null: of all streams that have none. */
export function baselinePath(stateDirectory: string, stream: string | null, target: AdapterTarget): string {
  const digest = target.bundleDigest.replace(/^sha256:/, '').slice(0, 16);
  const name = encodeURIComponent(stream ?? '_all');
  return join(stateDirectory, 'baselines', `${name}-${digest}-${geometryKey(target.geometry)}.json`);
}

/** The statistics and evidence of the frames as the front end in use shows them. */
export function baselineOf(
  target: AdapterTarget,
  statistics: FeatureStatistics,
  { frames, classRates, meanConfidence, predictions }: Evidence,
  recordedAt: Date,
): Baseline {
  const variance = predictions.reduce((sum, { confidence }) => sum + (confidence - meanConfidence) ** 2, 0) / frames;
  return baselineSchema.parse({
    format: 'edge-cls-baseline/1',
    bundle_digest: target.bundleDigest,
    geometry: geometryKey(target.geometry),
    recorded_at: recordedAt.toISOString(),
    frames,
    statistics,
    class_rates: classRates,
    confidence: { mean: meanConfidence, standard_deviation: Math.sqrt(variance) },
  });
}

export async function writeBaseline(path: string, baseline: Baseline): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify(baseline)}\n`);
}

/** Undefined where there is none. Throws a `ConfigurationError` for a file that holds something else. */
export async function readBaseline(path: string): Promise<Baseline | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigurationError(`the baseline ${path} must be a file that can be read`, { cause: error });
  }
  try {
    return baselineSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigurationError(
      `the baseline ${path} must be as --record-baseline writes it, it is not; remove it, or record it again`,
      { cause: error },
    );
  }
}
