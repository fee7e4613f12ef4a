/** The small classifier as a bundle on disk, and pictures of two classes to train on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { headMaterial, type HeadMaterial } from '../../../src/learning/head/train-head.ts';
import { loadBundle, modelDigest, type Bundle } from '../../../src/model/bundle.ts';
import { floats, int, node } from '../../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../../src/onnx/model.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { findFfmpeg } from '../../../src/video/ffmpeg/ffmpeg.ts';
import { randomNumbers } from '../../support/front-end.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { side, smallCard, smallClassifier } from '../small-classifier.ts';

/** Whose second convolution says nothing of the picture, though it can learn to: the head alone cannot tell anything. */
export function blindClassifier(): GraphModel {
  const model = smallClassifier(1);
  const blind: Record<string, number> = { w2: 0, b2: 0.5 };
  return {
    ...model,
    initializers: model.initializers.map((one) => {
      const value = blind[one.name];
      return value === undefined ? one : floats(one.name, new Float32Array(one.data.length).fill(value), one.dims);
    }),
  };
}

/** Both convolutions' weights as integers, one scale for each output channel. */
export function quantised(model: GraphModel): GraphModel {
  const weights = model.initializers.filter(({ name }) => name === 'w1' || name === 'w2');
  const stored = weights.flatMap(({ name, dims, data }) => [
    { name: `${name}_q`, dataType: dataType.int8, dims, data: Int8Array.from(data as Float32Array, (v) => v * 100) },
    floats(`${name}_scale`, new Float32Array(dims[0]!).fill(0.01)),
    { name: `${name}_zero`, dataType: dataType.int8, dims: [dims[0]!], data: new Int8Array(dims[0]!) },
  ]);
  return {
    ...model,
    nodes: [
      ...weights.map(({ name }) =>
        node('DequantizeLinear', [`${name}_q`, `${name}_scale`, `${name}_zero`], [name], { axis: int(0) }),
      ),
      ...model.nodes,
    ],
    initializers: [...model.initializers.filter((one) => !weights.includes(one)), ...stored],
  };
}

export async function smallBundle(root: string, model: GraphModel): Promise<Bundle> {
  const bytes = encodeModel(model);
  const card = smallCard(['red', 'blue'], 'binary');
  const directory = join(root, 'small');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'model.onnx'), bytes);
  writeFileSync(
    join(directory, 'card.json'),
    JSON.stringify({ ...card, model: { ...card.model, digest: modelDigest(bytes) } }),
  );
  return loadBundle(directory);
}

/** A folder with 20 pictures of each class. */
export async function smallPictures(root: string): Promise<string> {
  const folder = join(root, 'pictures');
  const random = randomNumbers(5);
  for (const [label, colour] of [
    ['blue', [60, 110, 190]],
    ['red', [190, 110, 60]],
  ] as const) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const pixels = Uint8Array.from({ length: 3 * side * side }, (_, k) => colour[k % 3]! + 60 * (random() - 0.5));
      const raw = { width: side, height: side, channels: 3 } as const;
      await sharp(pixels, { raw })
        .png()
        .toFile(join(folder, label, `${i}.png`));
    }
  }
  return folder;
}

/** The pictures, a fifth of them for validation. */
export async function smallMaterial(root: string, model: GraphModel): Promise<HeadMaterial> {
  const folder = await smallPictures(root);
  return headMaterial({
    ...{ folder, bundle: await smallBundle(root, model), head: 'gap', validationShare: 0.2, seed: 1 },
    ...{ engine: inlineEngine(), ffmpeg: await findFfmpeg(), cacheDirectory: join(root, 'cache') },
  });
}
