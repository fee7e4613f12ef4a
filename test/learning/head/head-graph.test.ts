import { describe, expect, it } from 'vitest';
import { gradientName } from '../../../src/autodiff/gradient.ts';
import {
  headModel,
  headNetwork,
  headParameters,
  initialHead,
  type HeadShape,
} from '../../../src/learning/head/head-graph.ts';
import { trainingModel } from '../../../src/learning/head/network.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { randomNumbers } from '../../support/front-end.ts';

const shapes: HeadShape[] = [
  { kind: 'gap', features: 7, outputs: 1 },
  { kind: 'gap', features: 7, outputs: 3 },
  { kind: 'paper', features: 5, outputs: 1 },
  { kind: 'paper', features: 5, outputs: 4 },
];

/** The loss by its definition, in doubles. */
function expectedLoss(
  { kind, features, outputs }: HeadShape,
  p: readonly ArrayLike<number>[],
  x: number[][],
  t: number[][],
  w: number[],
) {
  const layer = (input: number[], weight: ArrayLike<number>, bias: ArrayLike<number>) =>
    Array.from(bias, (b, unit) => input.reduce((sum, value, i) => sum + value * weight[unit * input.length + i]!, b));
  return x.reduce((sum, row, i) => {
    expect(row).toHaveLength(features);
    const hidden = kind === 'gap' ? row : layer(row, p[0]!, p[1]!).map((value) => Math.max(0, value));
    const z = layer(hidden, p.at(-2)!, p.at(-1)!);
    expect(z).toHaveLength(outputs);
    const logits = outputs === 1 ? [0, z[0]!] : z;
    const targets = outputs === 1 ? [1 - t[i]![0]!, t[i]![0]!] : t[i]!;
    const total = Math.log(logits.reduce((all, value) => all + Math.exp(value), 0));
    return sum - w[i]! * targets.reduce((all, target, k) => all + target * (logits[k]! - total), 0);
  }, 0);
}

describe('trainingModel', () => {
  it.each(shapes)('should compute the weighted cross-entropy and its gradients: $kind, $outputs', async (shape) => {
    const random = randomNumbers(3);
    const rows = 4;
    const parameters = initialHead(shape, 5).map((array) =>
      Float64Array.from(array, (value) => value + 0.2 * random() - 0.1),
    );
    const x = Array.from({ length: rows }, () => Array.from({ length: shape.features }, () => 2 * random() - 0.5));
    const t = x.map((_, i) =>
      shape.outputs === 1 ? [i % 2] : Array.from({ length: shape.outputs }, (_, k) => Number(k === i % shape.outputs)),
    );
    const w = [0.5, 0.25, 0.75, 0];
    const graph = await inlineEngine().load(encodeModel(trainingModel(headNetwork(shape), rows)));
    const { outputs } = await graph.run({
      features: { data: Float32Array.from(x.flat()), dims: [rows, shape.features] },
      targets: { data: Float32Array.from(t.flat()), dims: [rows, shape.outputs] },
      weights: { data: Float32Array.from(w), dims: [rows, 1] },
      ...Object.fromEntries(
        headParameters(shape).map(({ name, dims }, i) => [name, { data: Float32Array.from(parameters[i]!), dims }]),
      ),
    });
    expect((outputs['loss']!.data as Float32Array)[0]).toBeCloseTo(expectedLoss(shape, parameters, x, t, w), 5);
    headParameters(shape).forEach(({ name }, i) => {
      const numeric = Array.from(parameters[i]!, (value, j) => {
        const at = (moved: number) => {
          const changed = parameters.map((array) => Float64Array.from(array));
          changed[i]![j] = moved;
          return expectedLoss(shape, changed, x, t, w);
        };
        return (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
      });
      expect(outputs[gradientName(name)]!.data as Float32Array).toBeAllClose(numeric, { rtol: 1e-3, atol: 1e-5 });
    });
    await graph.release();
  });

  it('should stay finite for logits that overflow an exponential', async () => {
    const shape: HeadShape = { kind: 'gap', features: 1, outputs: 1 };
    const graph = await inlineEngine().load(encodeModel(trainingModel(headNetwork(shape), 2)));
    const { outputs } = await graph.run({
      features: { data: Float32Array.of(1, -1), dims: [2, 1] },
      targets: { data: Float32Array.of(0, 1), dims: [2, 1] },
      weights: { data: Float32Array.of(0.5, 0.5), dims: [2, 1] },
      'dense.weight': { data: Float32Array.of(500), dims: [1, 1] },
      'dense.bias': { data: Float32Array.of(0), dims: [1] },
    });
    expect((outputs['loss']!.data as Float32Array)[0]).toBeCloseTo(500, 3);
    expect(Array.from(outputs[gradientName('dense.weight')]!.data as Float32Array)[0]).toBeCloseTo(1, 5);
    await graph.release();
  });
});

describe('initialHead', () => {
  it('should draw from Glorot’s interval, the same for a seed, biases 0', () => {
    const shape: HeadShape = { kind: 'paper', features: 100, outputs: 1 };
    const [first, bias, second] = initialHead(shape, 9);
    const limit = Math.sqrt(6 / 164);
    expect(Math.max(...first!.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.sqrt(first!.reduce((sum, value) => sum + value * value, 0) / first!.length)).toBeCloseTo(
      limit / Math.sqrt(3),
      2,
    );
    expect(bias!.every((value) => value === 0)).toBe(true);
    expect(second).toHaveLength(64);
    expect(initialHead(shape, 9)[0]).toEqual(first);
    expect(initialHead(shape, 10)[0]).not.toEqual(first);
  });
});

describe('headModel', () => {
  it('should have the paper’s 1,179,777 parameters on InceptionV3’s 3×3×2048 features', () => {
    const shape: HeadShape = { kind: 'paper', features: 18_432, outputs: 1 };
    const count = headParameters(shape).reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
    expect(count).toBe(1_179_712 + 65);
    expect(headModel(shape).inputs.map(({ name }) => name)).toEqual([
      'features',
      'fc1.weight',
      'fc1.bias',
      'fc2.weight',
      'fc2.bias',
    ]);
  });
});
