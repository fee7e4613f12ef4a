/** The gradients of the shipped classifiers, and of the front end before them, against finite differences. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gradientGraph } from '../../src/autodiff/gradient.ts';
import { GraphBuilder } from '../../src/autodiff/graph-builder.ts';
import { concatenate, subgraph } from '../../src/autodiff/subgraph.ts';
import type { GraphModel } from '../../src/onnx/model.ts';
import { decodeModel } from '../../src/onnx/wire.ts';
import { frontEnd } from './front-end.ts';
import { load, type Values } from './support.ts';

const bundle = (name: string) => decodeModel(readFileSync(new URL(`../../models/${name}/model.onnx`, import.meta.url)));

/** Pseudo-random numbers, the same on every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A smooth picture with some noise, 0 to 1. */
function picture([batch = 1, channels = 1, height = 1, width = 1]: readonly number[]): Values {
  const next = random(7);
  const data = Float64Array.from({ length: batch * channels * height * width }, (_, i) => {
    const x = (i % width) / width;
    const y = (Math.floor(i / width) % height) / height;
    const c = Math.floor(i / width / height);
    return 0.5 + 0.3 * Math.sin(7 * x + c) * Math.cos(5 * y - c) + 0.1 * (next() - 0.5);
  });
  return { dims: [batch, channels, height, width], data };
}

function direction({ dims, data }: Values, seed: number): Values {
  const next = random(seed);
  return { dims, data: data.map(() => next() - 0.5) };
}

/** Gradients of `loss`, and its derivatives along directions by central differences. */
async function differentiated(model: GraphModel, withRespectTo: readonly string[], feeds: Record<string, Values>) {
  const backward = await load(gradientGraph(model, { result: 'loss', withRespectTo }));
  const forward = await load(model);
  const gradients = await backward.run(feeds);
  const loss = async (name: string, v: Float64Array, step: number) => {
    const { dims, data } = feeds[name]!;
    const y = await forward.run({ ...feeds, [name]: { dims, data: data.map((x, i) => x + step * v[i]!) } });
    return y['loss']!.data[0]!;
  };
  return {
    gradient: (name: string) => gradients[`gradient/${name}`]!,
    derivative: async (name: string, v: Float64Array, step: number) =>
      ((await loss(name, v, step)) - (await loss(name, v, -step))) / (2 * step),
    release: () => Promise.all([backward.release(), forward.release()]),
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The model with a scalar behind: the weighted sum of a tensor's elements. */
function withLoss(model: GraphModel, tensor: string, image: number[]): GraphModel {
  const b = GraphBuilder.from(subgraph(model, { outputs: [tensor] }), { image });
  const dims = [1, ...b.dims(tensor).slice(1)];
  const next = random(3);
  const weights = Float32Array.from({ length: dims.reduce((a, c) => a * c, 1) }, () => 2 * next() - 1);
  return b.model([b.alias(b.reduceSum(b.mul(tensor, b.constant(weights, dims))), 'loss')]);
}

const classifiers = {
  'inception-v3-cats-dogs': { size: 150, outputs: ['logit', 'conv2d_5'] },
  'efficientnet-lite0-imagenet': { size: 224, outputs: ['logits'] },
} as const;

describe('shipped classifiers', () => {
  for (const [name, { size, outputs }] of Object.entries(classifiers)) {
    for (const output of outputs) {
      test(`${name}: ${output} by the image`, async () => {
        const shape = [1, 3, size, size];
        const image = picture(shape);
        const model = withLoss(bundle(name), output, shape);
        const { gradient, derivative, release } = await differentiated(model, ['image'], { image });
        const { dims, data } = gradient('image');
        expect(dims).toEqual(shape);
        // Along the gradient, where least is lost to rounding; the step so short that few rectifiers are crossed.
        const rms = Math.sqrt(dot(data, data) / data.length);
        const parts = {
          whole: () => true,
          left: (i: number) => i % size < size / 2,
          stripes: (i: number) => Math.floor(i / size) % 2 === 0,
          red: (i: number) => i < size * size,
        };
        for (const [part, inside] of Object.entries(parts)) {
          const v = data.map((g, i) => (inside(i) ? g / rms : 0));
          const numeric = await derivative('image', v, 1e-5);
          expect([part, dot(data, v) / numeric]).toEqual([part, expect.closeTo(1, 1)]);
        }
        await release();
      });
    }
  }
});

describe('the front end before the stem', () => {
  for (const strides of [
    [1, 2],
    [2, 1],
  ] as const) {
    test(`strides ${strides.join()}: all four tensors`, async () => {
      const size = 60;
      const front = frontEnd(2, size, strides);
      const stem = subgraph(bundle('inception-v3-cats-dogs'), { outputs: ['conv2d_3'] });
      // The stem takes any size: only the classifier's end is tied to 150×150.
      const open = { ...stem, inputs: stem.inputs.map((input) => ({ ...input, dims: ['N', 3, 'H', 'W'] })) };
      const joined = concatenate(front, open, { join: { image: 'image' } });
      const b = GraphBuilder.from(joined);
      const loss = b.reduceMean(b.op('Tanh', ['conv2d_3']));
      const model = b.model([b.alias(loss, 'loss')]);
      const next = random(5);
      const weights = (dims: number[], scale: number) => ({
        dims,
        data: Float64Array.from({ length: dims.reduce((a, c) => a * c, 1) }, () => scale * (next() - 0.3)),
      });
      const feeds: Record<string, Values> = {
        rgb: picture([2, 3, size, size]),
        'conv1.weight': weights([3, 3, 7, 7], 0.05),
        'conv1.bias': weights([3], 0.1),
        'conv2.weight': weights([3, 3, 3, 3], 0.2),
        'conv2.bias': weights([3], 0.1),
      };
      const tensors = Object.keys(feeds).filter((name) => name !== 'rgb');
      const { gradient, derivative, release } = await differentiated(model, tensors, feeds);
      for (const [i, name] of tensors.entries()) {
        const { dims, data } = gradient(name);
        expect(dims).toEqual(feeds[name]!.dims);
        for (const seed of [i, i + 10, i + 20]) {
          const v = direction(feeds[name]!, seed).data;
          expect([dot(data, v)]).toBeAllClose([await derivative(name, v, 2e-4)], { rtol: 0.02, atol: 1e-3 });
        }
      }
      await release();
    });
  }
});
