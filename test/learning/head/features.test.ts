import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutBackbone, type HeadKind } from '../../../src/learning/head/backbone.ts';
import { photographFeatures } from '../../../src/learning/head/features.ts';
import { headModel, headParameters, type HeadShape } from '../../../src/learning/head/head-graph.ts';
import { writeBundle } from '../../../src/learning/head/new-bundle.ts';
import { readPhotographs } from '../../../src/learning/head/photographs.ts';
import { loadBundle } from '../../../src/model/bundle.ts';
import { verifyBundle } from '../../../src/model/verify-bundle.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/wire.ts';
import { dequantized, quantisedBy } from '../../../src/autodiff/quantised.ts';
import { findFfmpeg } from '../../../src/video/ffmpeg/ffmpeg.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { ffmpeg, temporaryDirectory } from '../../support/videos.ts';

/** Different pictures of ffmpeg's generator, of different sizes. */
function makePhotographs(root: string, classes: readonly string[], each: number): void {
  classes.forEach((name, k) => {
    mkdirSync(join(root, name), { recursive: true });
    for (let i = 0; i < each; i++) {
      const source = `mandelbrot=size=${300 + 40 * k}x${260 + 10 * i}:start_scale=${0.1 + 0.4 * i + 0.2 * k}`;
      ffmpeg('-f', 'lavfi', '-i', source, '-frames:v', '1', '-update', '1', join(root, name, `${i}.jpg`));
    }
  });
}

async function material(bundleName: string, head: HeadKind) {
  const bundle = await loadBundle(bundleName);
  const model = decodeModel(readFileSync(bundle.modelPath));
  return { bundle, model, backbone: cutBackbone(model, bundle.card), head };
}

const engine = inlineEngine();

describe('cutBackbone', () => {
  it.each([
    ['efficientnet-lite0-imagenet', [1280, 7, 7], 1_281_000],
    ['inception-v3-cats-dogs', [2048, 3, 3], 1_179_777],
  ] as const)('should end %s at its last feature map', async (name, dims, headCount) => {
    const { backbone } = await material(name, 'gap');
    expect(backbone.mapDims).toEqual(dims);
    expect(backbone.headParameters).toBe(headCount);
  });
});

describe('photographFeatures', () => {
  it('should take from the cache what is whole there and compute the rest to the same numbers', async () => {
    using folder = temporaryDirectory();
    makePhotographs(join(folder.path, 'photos'), ['a', 'b'], 2);
    writeFileSync(join(folder.path, 'photos', 'a', 'broken.jpg'), 'no photograph');
    const { photographs } = await readPhotographs(join(folder.path, 'photos'));
    const { bundle, backbone, head } = await material('efficientnet-lite0-imagenet', 'gap');
    const cacheDirectory = join(folder.path, 'cache');
    const run = async () => {
      const computed: number[] = [];
      const set = await photographFeatures(photographs, {
        ...{ bundle, backbone, head, engine, cacheDirectory, ffmpeg: await findFfmpeg() },
        onProgress: (progress) => computed.push(progress.computed),
      });
      return { set, computed: computed.at(-1) };
    };
    const first = await run();
    expect(first.computed).toBe(4);
    expect(first.set.unreadable).toEqual([join(folder.path, 'photos', 'a', 'broken.jpg')]);
    expect(first.set.rows.map(({ photograph }) => photograph.label)).toEqual([0, 0, 1, 1]);
    const again = await run();
    expect(again.computed).toBe(0);
    expect(again.set.rows).toEqual(first.set.rows);
    const [key = ''] = readdirSync(cacheDirectory);
    const [file = ''] = readdirSync(join(cacheDirectory, key));
    const bytes = readFileSync(join(cacheDirectory, key, file));
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    writeFileSync(join(cacheDirectory, key, file), bytes);
    const repaired = await run();
    expect(repaired.computed).toBe(1);
    expect(repaired.set.rows).toEqual(first.set.rows);
  });
});

describe('writeBundle', () => {
  // With the base's own head behind its backbone, the new bundle must answer as the base does.
  it.each([
    ['efficientnet-lite0-imagenet', 'gap', 1000, ['gemm_1.weight', 'gemm_1.bias']],
    ['inception-v3-cats-dogs', 'paper', 1, ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']],
  ] as const)('should put a head behind the backbone of %s', async (name, head, outputs, weights) => {
    using folder = temporaryDirectory();
    const { bundle: base, model, backbone } = await material(name, head);
    const [channels, rows, columns] = backbone.mapDims;
    const features = head === 'gap' ? channels : channels * rows * columns;
    const shape: HeadShape = { kind: head, features, outputs };
    const stored = (wanted: string | undefined) => model.initializers.find((constant) => constant.name === wanted);
    const parameters = weights.map((weight) => {
      const node = model.nodes.find(({ opType, outputs: [made] }) => opType === 'DequantizeLinear' && made === weight);
      const quantised = node && quantisedBy(node, stored);
      return Float32Array.from((quantised ? dequantized(quantised) : stored(weight)!).data as Float32Array);
    });
    // InceptionV3's flattens rows, columns, channels.
    if (head === 'paper') {
      const places = rows * columns;
      parameters[0] = Float32Array.from(parameters[0]!, (_, i) => {
        const [unit, within] = [Math.floor(i / features), i % features];
        const [channel, place] = [Math.floor(within / places), within % places];
        return parameters[0]![unit * features + place * channels + channel]!;
      });
    }
    const labels = outputs === 1 ? ['cat', 'dog'] : base.card.output.labels;
    const made = await writeBundle({
      ...{ directory: join(folder.path, 'made'), name: 'made', base, backbone, shape, parameters, labels, engine },
      ...{ temperature: 1.5, statistics: base.card.statistics, accuracy: [] },
    });
    expect(made.card.model.parameters).toBe(base.card.model.parameters);
    expect(made.card.model.parametersStored).toBe(base.card.model.parametersStored);
    expect((await verifyBundle(made, engine)).passed).toBe(true);
    made.card.golden.forEach(({ logits }, i) => {
      expect(logits.slice(0, 1)).toBeAllClose(base.card.golden[i]!.logits.slice(0, 1), { rtol: 1e-3, atol: 1e-3 });
    });
    expect(headParameters(shape)).toHaveLength(parameters.length);
    expect(encodeModel(headModel(shape)).length).toBeGreaterThan(0);
  });
});
