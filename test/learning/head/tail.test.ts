import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cutBackbone, type Backbone } from '../../../src/learning/head/backbone.ts';
import { featureGraph } from '../../../src/learning/head/feature-graph.ts';
import { headNetwork, initialHead, type HeadShape } from '../../../src/learning/head/head-graph.ts';
import { cutTail, tailNetwork, tunedBackbone } from '../../../src/learning/head/tail.ts';
import { loadBundle } from '../../../src/model/bundle.ts';
import type { Card } from '../../../src/model/card.ts';
import { goldenInput } from '../../../src/model/verify-bundle.ts';
import type { GraphModel } from '../../../src/onnx/model.ts';
import { decodeModel, encodeModel } from '../../../src/onnx/wire.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { smallCard, smallClassifier } from '../small-classifier.ts';
import { quantised } from './small-material.ts';

const engine = inlineEngine();

async function run(
  model: GraphModel | Uint8Array,
  feeds: Record<string, [Float32Array, readonly number[]]>,
  out: string,
) {
  const graph = await engine.load(model instanceof Uint8Array ? model : encodeModel(model));
  const tensors = Object.entries(feeds).map(([name, [data, dims]]) => [name, { data, dims }]);
  const { outputs } = await graph.run(Object.fromEntries(tensors) as Parameters<typeof graph.run>[0]);
  await graph.release();
  return outputs[out]!.data as Float32Array;
}

async function small(model: GraphModel) {
  const card = smallCard(['a', 'b'], 'binary');
  return Promise.resolve({ card, backbone: cutBackbone(model, card) });
}

async function shipped(name: string) {
  const { card, modelPath } = await loadBundle(name);
  return { card, backbone: cutBackbone(decodeModel(readFileSync(modelPath)), card) };
}

const bases: [string, () => Promise<{ card: Card; backbone: Backbone }>, number, string, number][] = [
  ['one block', () => small(smallClassifier(1)), 1, 'r1', 1],
  ['all, from the image on', () => small(smallClassifier(1)), 2, 'picture', 2],
  ['integer weights', () => small(quantised(smallClassifier(1))), 1, 'r1', 1],
  ['a chain', () => shipped('efficientnet-lite0-imagenet'), 3, 'clip_31', 3],
  ['a residual block', () => shipped('efficientnet-lite0-imagenet'), 5, 'add_8', 7],
  ['parallel branches', () => shipped('inception-v3-cats-dogs'), 3, 'mixed9', 9],
];

describe('cutTail', () => {
  it.each(bases)('should compute what backbone and head do: %s', async (_, base, least, cut, convolutions) => {
    const { card, backbone } = await base();
    const tail = cutTail(backbone, card, least);
    expect([tail.cut, tail.convolutions]).toEqual([cut, convolutions]);
    const { name, width, height } = card.input;
    const image = goldenInput('lcg', 3 * width * height);
    const feed: Record<string, [Float32Array, readonly number[]]> = { [name]: [image, [1, 3, height, width]] };
    const shape: HeadShape = { kind: 'gap', features: backbone.mapDims[0], outputs: 3 };
    const head = initialHead(shape, 1);
    const logits = async (network: ReturnType<typeof headNetwork>, example: Float32Array, values: Float32Array[]) =>
      run(
        network.model('N'),
        {
          [network.input]: [example, [1, ...network.exampleDims]],
          ...Object.fromEntries(network.parameters.map((one, i) => [one.name, [values[i]!, one.dims]])),
        },
        'logits',
      );
    const graph = featureGraph(backbone, card, 'gap');
    const expected = await logits(headNetwork(shape), await run(graph.model, feed, graph.features), head);
    const atCut = tail.cut === name ? image : await run(tail.front, feed, tail.cut);
    const got = await logits(tailNetwork(tail, shape), atCut, [...tail.values, ...head]);
    expect(got).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-5 });
  });

  it('should say how many convolutions there are where more are asked for', async () => {
    const { card, backbone } = await small(smallClassifier(1));
    expect(() => cutTail(backbone, card, 3)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/at most 2, .* it was 3/) as string }),
    );
  });
});

describe('tunedBackbone', () => {
  it('should take over what is before the cut as it is stored, and write the rest as float32', async () => {
    const model = quantised(smallClassifier(1));
    const { card, backbone } = await small(model);
    const tail = cutTail(backbone, card, 1);
    const values = tail.values.map((array) => array.map((value) => value + 1));
    const stored = (of: GraphModel) => new Map(of.initializers.map((one) => [one.name, one.data]));
    const written = stored(decodeModel(encodeModel(tunedBackbone(backbone, tail, values).model)));
    for (const name of ['w1_q', 'w1_scale', 'w1_zero', 'b1'])
      expect(written.get(name)).toEqual(stored(model).get(name));
    expect(tail.quantised).toBe(true);
    expect(tail.parameters.map(({ name }) => name)).toEqual(['w2', 'b2']);
    expect([written.get('w2'), written.get('b2')]).toEqual(values);
    expect(written.has('w2_q')).toBe(false);
  });
});
