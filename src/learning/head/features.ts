/** What the frozen backbone makes of every photograph, from the cache where it has been there before. */
import { UserError } from '../../domain/errors.ts';
import type { Engine, Graph } from '../../engine/engine.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import type { Backbone, HeadKind } from './backbone.ts';
import { decodePhotographs } from './decode-photographs.ts';
import { openFeatureCache, type FeatureCache } from './feature-cache.ts';
import { featureGraph, type FeatureGraph } from './feature-graph.ts';
import type { Photograph } from './photographs.ts';
import { pixelMoments } from './pixel-moments.ts';

export interface PhotographFeatures {
  readonly photograph: Photograph;
  readonly features: Float32Array;
  /** Of the pixels, then of each tensor of the graph's `moments`: means, mean squares. */
  readonly moments: Float32Array;
}

export interface FeatureOptions {
  readonly bundle: Bundle;
  readonly backbone: Backbone;
  readonly head: HeadKind;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: FeatureProgress) => void;
}

/** After each photograph. */
export interface FeatureProgress {
  readonly done: number;
  readonly total: number;
  /** Those of `done` that were not in the cache. */
  readonly computed: number;
}

export interface FeatureSet {
  /** In the order of the photographs. */
  readonly rows: readonly PhotographFeatures[];
  readonly graph: FeatureGraph;
  /** Files that could not be decoded. */
  readonly unreadable: readonly string[];
}

/**
 * Features of all photographs that can be read. Throws a `UserError` where that is not one.
 */
export async function photographFeatures(
  photographs: readonly Photograph[],
  options: FeatureOptions,
): Promise<FeatureSet> {
  const { bundle, backbone, head, engine, ffmpeg, cacheDirectory, onProgress } = options;
  const graph = featureGraph(backbone, bundle.card, head);
  const { input, resize, model } = bundle.card;
  const cache = await openFeatureCache(cacheDirectory, {
    format: 1,
    backbone: model.digest,
    input,
    resize,
    head,
    device: engine.report.device,
    moments: graph.moments.map(({ tensor }) => tensor),
    ffmpeg: ffmpeg.version,
  });
  const records = new Map<string, Float32Array>();
  for (const { path, digest } of photographs) {
    const known = await cache.get(digest);
    if (known !== undefined) records.set(path, known);
  }
  const cached = records.size;
  const progress = () =>
    onProgress?.({ done: records.size, total: photographs.length, computed: records.size - cached });
  progress();
  const missing = photographs.filter(({ path }) => !records.has(path));
  const unreadable: string[] = [];
  if (missing.length > 0) {
    await compute(missing, { ...options, graph, cache, unreadable }, (path, record) => {
      records.set(path, record);
      progress();
    });
  }
  if (records.size === 0) {
    throw new UserError(
      `none of the ${photographs.length} photographs can be decoded, the first is ${unreadable[0] ?? ''}`,
    );
  }
  const rows = photographs.flatMap((photograph) => {
    const record = records.get(photograph.path);
    return record === undefined ? [] : [rowOf(photograph, record, backbone, head)];
  });
  return { rows, graph, unreadable };
}

interface ComputeOptions extends FeatureOptions {
  readonly graph: FeatureGraph;
  readonly cache: FeatureCache;
  readonly unreadable: string[];
}

async function compute(
  missing: readonly Photograph[],
  { engine, bundle, ffmpeg, signal, graph, cache, unreadable }: ComputeOptions,
  onRecord: (path: string, record: Float32Array) => void,
): Promise<void> {
  const digests = new Map(missing.map(({ path, digest }) => [path, digest]));
  const session = await engine.load(graph.model);
  try {
    await decodePhotographs([...digests.keys()], bundle.card, {
      ffmpeg,
      signal,
      onUnreadable: (path) => unreadable.push(path),
      onPhotograph: async ({ path, image }) => {
        const record = await recordOf(image, session, graph, bundle);
        await cache.put(digests.get(path) ?? '', record);
        onRecord(path, record);
      },
    });
  } finally {
    await session.release();
  }
}

/** Features, then moments, in one array. */
async function recordOf(
  image: Float32Array<ArrayBuffer>,
  session: Graph,
  graph: FeatureGraph,
  { card: { input } }: Bundle,
): Promise<Float32Array> {
  const { width, height } = input;
  const running = session.run({ [graph.input]: { data: image, dims: [1, 3, height, width] } });
  const pixels = pixelMoments(image, width, height);
  const { outputs } = await running;
  const names = [graph.features, ...graph.moments.flatMap(({ mean, square }) => [mean, square])];
  const [features = new Float32Array(), ...moments] = names.map((name) => outputs[name]?.data as Float32Array);
  return joined([features, pixels, ...moments]);
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

function rowOf(
  photograph: Photograph,
  record: Float32Array,
  { mapDims }: Backbone,
  head: HeadKind,
): PhotographFeatures {
  const [channels, rows, columns] = mapDims;
  const count = head === 'gap' ? channels : channels * rows * columns;
  return { photograph, features: record.subarray(0, count), moments: record.subarray(count) };
}
