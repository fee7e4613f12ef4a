/** What the frozen part before a cut makes of each photograph: kept on disk, read a batch at a time. */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { UserError } from '../../domain/errors.ts';
import type { Graph } from '../../engine/engine.ts';
import { encodeModel } from '../../onnx/wire.ts';
import { decodePhotographs } from './decode-photographs.ts';
import type { ExampleSource } from './example-source.ts';
import { openFeatureCache, type FeatureCache } from './feature-cache.ts';
import type { FeatureOptions } from './features.ts';
import type { Photograph } from './photographs.ts';
import type { Tail } from './tail.ts';

export interface CutFeatureOptions extends Omit<FeatureOptions, 'backbone' | 'head'> {
  readonly tail: Tail;
}

/**
 * The tensors at the cut, beside the other features in the cache directory. One photograph's are in memory while they
 * are computed, a batch's while they are read.
 *
 * Throws a `UserError` where a photograph cannot be decoded.
 */
export async function cutFeatures(
  photographs: readonly Photograph[],
  options: CutFeatureOptions,
): Promise<ExampleSource> {
  const { bundle, tail, engine, ffmpeg, cacheDirectory, onProgress } = options;
  const { input, resize, model } = bundle.card;
  const cache = await openFeatureCache(cacheDirectory, {
    format: 1,
    backbone: model.digest,
    input,
    resize,
    cut: tail.cut,
    device: engine.report.device,
    ffmpeg: ffmpeg.version,
  });
  const missing: Photograph[] = [];
  for (const photograph of photographs) {
    if ((await cache.get(photograph.digest)) === undefined) missing.push(photograph);
  }
  const cached = photographs.length - missing.length;
  const progress = (computed: number) => onProgress?.({ done: cached + computed, total: photographs.length, computed });
  progress(0);
  if (missing.length > 0) await compute(missing, options, cache, progress);
  return sourceOf(photographs, cache, tail);
}

async function compute(
  missing: readonly Photograph[],
  { bundle, tail, engine, ffmpeg, signal }: CutFeatureOptions,
  cache: FeatureCache,
  onComputed: (count: number) => void,
): Promise<void> {
  const digests = new Map(missing.map(({ path, digest }) => [path, digest]));
  const { name, width, height } = bundle.card.input;
  const dims = [1, 3, height, width];
  const builder = GraphBuilder.from(tail.front, { [name]: dims });
  // An alias, since the cut may be the image itself, and a graph must have a node.
  const graph: Graph = await engine.load(encodeModel(builder.model([builder.alias(tail.cut, 'cut/features')])));
  let computed = 0;
  try {
    await decodePhotographs([...digests.keys()], bundle.card, {
      ffmpeg,
      signal,
      onUnreadable: (path) => {
        throw new UserError(`the photograph ${path} could be decoded before and cannot any more; start again`);
      },
      onPhotograph: async ({ path, image }) => {
        const { outputs } = await graph.run({ [name]: { data: image, dims } });
        await cache.put(digests.get(path) ?? '', outputs['cut/features']?.data as Float32Array);
        onComputed(++computed);
      },
    });
  } finally {
    await graph.release();
  }
}

function sourceOf(photographs: readonly Photograph[], cache: FeatureCache, { cutDims }: Tail): ExampleSource {
  const length = cutDims.reduce((product, side) => product * side, 1);
  return {
    labels: photographs.map(({ label }) => label),
    read: async (indices, rows = indices.length) => {
      const batch = new Float32Array(rows * length);
      for (const [row, index] of indices.entries()) {
        const digest = photographs[index]?.digest ?? '';
        const values = await cache.get(digest);
        if (values?.length !== length) {
          throw new UserError(`the features of photograph ${digest} are not in the cache any more; start again`);
        }
        batch.set(values, row * length);
      }
      return batch;
    },
  };
}
