import { describe, expect, test } from 'vitest';
import { adapterTensorNames, toTensors, type AdapterWeights } from '../../../src/model/adapter.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { encodeModel } from '../../../src/onnx/model.ts';
import { alignPiece } from '../../../src/learning/loss/align.ts';
import { labelsPiece } from '../../../src/learning/loss/labels.ts';
import type { LossPiece } from '../../../src/learning/loss/piece.ts';
import { fitGraph } from '../../../src/learning/fit/fit-graph.ts';
import { batchBytes, readBatch } from '../../../src/learning/statistics/batch.ts';
import { statisticsDistance } from '../../../src/learning/statistics/feature-statistics.ts';
import { Observer } from '../../../src/learning/statistics/observe.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { randomNumbers } from '../../support/front-end.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../small-classifier.ts';

const batch = 6;
const binary = smallCard(['no', 'yes'], 'binary');
const indices = Array.from({ length: batch }, (_, i) => i);
const frames = pictures(batch);

/** Near the closed form, every value used. */
function start(): AdapterWeights {
  const random = randomNumbers(2);
  const { weights } = closedForm(geometry, 'area');
  const shaken = (values: Float32Array, by: number) =>
    Float32Array.from(values, (value) => value + by * (random() - 0.4));
  return {
    conv1Weight: shaken(weights.conv1Weight, 0.01),
    conv1Bias: shaken(weights.conv1Bias, 0.05),
    conv2Weight: shaken(weights.conv2Weight, 0.02),
    conv2Bias: shaken(weights.conv2Bias, 0.05),
  };
}

async function loaded(pieces: readonly LossPiece[], card = binary, outputs = 1) {
  const options = { classifier: smallClassifier(outputs), card, geometry, batch };
  const graph = await inlineEngine().load(encodeModel(fitGraph(options, pieces)));
  const pixels = new Uint8Array(batchBytes(geometry, batch));
  await readBatch(frames, indices, pixels);
  const extra = await Promise.all(pieces.map(async ({ feeds }) => (await feeds?.(indices)) ?? {}));
  const rest = { pixels: { data: pixels, dims: [batch, 3, 24, 24] }, ...(Object.assign({}, ...extra) as object) };
  return async (weights: AdapterWeights) => (await graph.run({ ...rest, ...toTensors(weights) })).outputs;
}

/** Gradients against central differences, a random direction for each tensor. */
async function expectGradients(pieces: readonly LossPiece[], card = binary, outputs = 1): Promise<void> {
  const run = await loaded(pieces, card, outputs);
  const weights = start();
  const gradients = await run(weights);
  const random = randomNumbers(9);
  for (const name of adapterTensorNames) {
    const gradient = gradients[`gradient/${name}`]!.data as Float32Array;
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    expect(norm).toBeGreaterThan(0);
    const direction = gradient.map((g) => g / norm + (0.3 * (random() - 0.5)) / Math.sqrt(gradient.length));
    const moved = async (step: number) => {
      const tensors = toTensors(weights);
      const data = (tensors[name]!.data as Float32Array).map((w, i) => w + step * direction[i]!);
      const field = (
        { 'conv1.weight': 'conv1Weight', 'conv1.bias': 'conv1Bias', 'conv2.weight': 'conv2Weight' } as const
      )[name as 'conv1.weight'] as keyof AdapterWeights | undefined;
      return Number((await run({ ...weights, [field ?? 'conv2Bias']: data }))['loss']!.data[0]);
    };
    const step = 2e-3;
    const numeric = ((await moved(step)) - (await moved(-step))) / (2 * step);
    const analytic = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
    expect([name, analytic / numeric]).toEqual([name, expect.closeTo(1, 1)]);
  }
}

describe('align', () => {
  test('is the distance of the batch, by the plain definition', async () => {
    const run = await loaded([alignPiece(binary.statistics.activations)]);
    const weights = start();
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch: 4, logits: false };
    await using observer = await Observer.load(inlineEngine(), options);
    const { statistics } = await observer.observe(frames, indices, weights);
    const loss = Number((await run(weights))['loss']!.data[0]);
    expect(loss / statisticsDistance(statistics, binary.statistics)).toBeCloseTo(1, 4);
  });

  test('has the gradients of finite differences', async () => {
    await expectGradients([alignPiece(binary.statistics.activations, { weight: 0.5 })]);
  });

  test('counts a dead channel neither as infinite nor as nothing at all', () => {
    const target = { activations: [{ tensor: 'a', mean: [0, 1, 2], standardDeviation: [1, 1, 0] }] };
    const same = { activations: [{ tensor: 'a', mean: [0, 1, 2], standardDeviation: [1, 1, 1e-6] }] };
    const alive = { activations: [{ tensor: 'a', mean: [0, 1, 2], standardDeviation: [1, 1, 0.5] }] };
    expect(statisticsDistance(same, target)).toBeCloseTo(0, 6);
    expect(statisticsDistance(alive, target)).toBeGreaterThan(1);
  });
});

describe('labels', () => {
  const labels = [0, 1, 1, 0, 1, 0];

  test('of a binary rule is the cross-entropy of the positive label', async () => {
    const run = await loaded([labelsPiece(binary, labels, { batch })]);
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch, logits: true };
    await using observer = await Observer.load(inlineEngine(), options);
    const { logits } = await observer.observe(frames, indices, start());
    const expected = logits.map(([z], i) => {
      const p = 1 / (1 + Math.exp(-z!));
      return -Math.log(labels[i] === 1 ? p : 1 - p);
    });
    const mean = expected.reduce((a, b) => a + b) / batch;
    expect(Number((await run(start()))['loss']!.data[0])).toBeCloseTo(mean, 4);
  });

  test('of a softmax is the cross-entropy of the label', async () => {
    const card = smallCard(['a', 'b', 'c'], 'softmax');
    const targets = [0, 2, 1, 2, 0, 1];
    const run = await loaded([labelsPiece(card, targets, { batch })], card, 3);
    const options = { classifier: smallClassifier(3), card, geometry, batch, logits: true };
    await using observer = await Observer.load(inlineEngine(), options);
    const { logits } = await observer.observe(frames, indices, start());
    const expected = logits.map((z, i) => {
      return Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[targets[i]!]!;
    });
    const mean = expected.reduce((a, b) => a + b) / batch;
    expect(Number((await run(start()))['loss']!.data[0])).toBeCloseTo(mean, 4);
  });

  test('with the alignment beside it has the gradients of finite differences, for both rules', async () => {
    const align = alignPiece(binary.statistics.activations, { weight: 0.3 });
    await expectGradients([labelsPiece(binary, labels, { batch }), align]);
    const card = smallCard(['a', 'b', 'c'], 'softmax');
    await expectGradients([labelsPiece(card, [0, 2, 1, 2, 0, 1], { batch }), align], card, 3);
  });
});
