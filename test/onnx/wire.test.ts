import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { shippedBundles } from '../../src/model/bundle.ts';
import { floats, int, int64s, ints, node, text } from '../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../src/onnx/model.ts';
import { decodeModel, decodeOutline, encodeModel } from '../../src/onnx/wire.ts';

/** y = clip(x · scale) with one attribute of every kind somewhere in the graph. */
const model: GraphModel = {
  name: 'every kind',
  opset: 17,
  nodes: [
    node('Constant', [], ['scale'], { value: { kind: 'tensor', value: floats('', [2, 3]) } }),
    node('Mul', ['x', 'scale'], ['scaled']),
    node('LeakyRelu', ['scaled'], ['leaky'], { alpha: { kind: 'float', value: 0.5 } }),
    node('Transpose', ['leaky'], ['turned'], { perm: ints(1, 0) }),
    node('Concat', ['turned', 'turned'], ['twice'], { axis: int(-1) }),
    node('Reshape', ['twice', 'shape'], ['y'], {}),
  ],
  initializers: [int64s('shape', [-1])],
  inputs: [{ name: 'x', dataType: dataType.float, dims: ['N', 2] }],
  outputs: [{ name: 'y', dataType: dataType.float, dims: ['M'] }],
};

test('onnxruntime reads what is written', async () => {
  const session = await InferenceSession.create(encodeModel(model));
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, -1), [1, 2]) });
  expect([...(y!.data as Float32Array)]).toEqual([2, 2, -1.5, -1.5]);
});

test('decoding gives back what was encoded, free dimensions and all', () => {
  expect(decodeModel(encodeModel(model))).toEqual(model);
});

test('string attributes survive', () => {
  const padded = { ...model, nodes: [node('Pad', ['x'], ['y'], { mode: text('edge') })] };
  expect(decodeModel(encodeModel(padded)).nodes[0]?.attributes['mode']).toEqual({ kind: 'string', value: 'edge' });
});

test('any float constant survives at any alignment', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.float({ noNaN: true }), { minLength: 1 }), (name, values) => {
      const constant = floats(`c${name}`, values);
      const [decoded] = decodeModel(encodeModel({ ...model, initializers: [constant] })).initializers;
      expect(decoded?.data).toEqual(constant.data);
    }),
  );
});

test('random bytes are an error, never a hang or a wrong model', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(decodeModel(bytes).nodes.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});

test('gives inputs and outputs alone as the whole model has them', () => {
  for (const name of ['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs']) {
    const bytes = readFileSync(join(shippedBundles, name, 'model.onnx'));
    const { inputs, outputs } = decodeModel(bytes);
    expect(decodeOutline(bytes)).toEqual({ inputs, outputs });
  }
});
