import { describe, expect, test } from 'vitest';
import type { Tensors } from '../../../src/engine/engine.ts';
import { adapterTensorNames, toTensors, type AdapterWeights } from '../../../src/model/adapter.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { alignPiece } from '../../../src/learning/loss/align.ts';
import { labelsPiece } from '../../../src/learning/loss/labels.ts';
import type { LossPiece } from '../../../src/learning/loss/piece.ts';
import { matchPiece } from '../../../src/learning/loss/match.ts';
import { StepGradient } from '../../../src/learning/fit/step-gradient.ts';
import { joinedGraph } from '../../../src/learning/statistics/joined-graph.ts';
import { batchBytes, readBatch } from '../../../src/learning/statistics/batch.ts';
import { channelUnits, statisticsDistance } from '../../../src/learning/statistics/feature-statistics.ts';
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

/** Of the six frames, so many in each run. */
async function loaded(pieces: readonly LossPiece[], card = binary, outputs = 1, atOnce = batch) {
  const options = { classifier: smallClassifier(outputs), card, geometry, batch: atOnce, frames, pieces };
  const gradient = await StepGradient.load(inlineEngine(), options);
  return (weights: AdapterWeights) => gradient.of(indices, weights);
}

/** Gradients against central differences, a random direction for each tensor. */
async function expectGradients(pieces: readonly LossPiece[], card = binary, outputs = 1): Promise<void> {
  const run = await loaded(pieces, card, outputs);
  const weights = start();
  const { gradients } = await run(weights);
  const random = randomNumbers(9);
  for (const [i, name] of adapterTensorNames.entries()) {
    const gradient = gradients[i]!;
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    expect(norm).toBeGreaterThan(0);
    const direction = gradient.map((g) => g / norm + (0.3 * (random() - 0.5)) / Math.sqrt(gradient.length));
    const moved = async (step: number) => {
      const tensors = toTensors(weights);
      const data = (tensors[name]!.data as Float32Array).map((w, i) => w + step * direction[i]!);
      const field = (
        { 'conv1.weight': 'conv1Weight', 'conv1.bias': 'conv1Bias', 'conv2.weight': 'conv2Weight' } as const
      )[name as 'conv1.weight'] as keyof AdapterWeights | undefined;
      return (await run({ ...weights, [field ?? 'conv2Bias']: data })).loss;
    };
    const step = 2e-3;
    const numeric = ((await moved(step)) - (await moved(-step))) / (2 * step);
    const analytic = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
    expect([name, analytic / numeric]).toEqual([name, expect.closeTo(1, 1)]);
  }
}

/** Losses and gradients do not depend on how many frames are in a run. */
async function expectTheSameInParts(pieces: readonly LossPiece[]): Promise<void> {
  const whole = await (await loaded(pieces))(start());
  for (const atOnce of [1, 2, 3]) {
    const parts = await (await loaded(pieces, binary, 1, atOnce))(start());
    for (const [name, value] of Object.entries(whole.pieces)) expect(parts.pieces[name]! / value).toBeCloseTo(1, 5);
    for (const [i, gradient] of whole.gradients.entries()) {
      const size = Math.hypot(...gradient);
      expect(Math.hypot(...gradient.map((g, j) => g - parts.gradients[i]![j]!)) / size).toBeLessThan(1e-4);
    }
  }
}

describe('align', () => {
  test('is the distance of the batch, by the plain definition', async () => {
    const run = await loaded([alignPiece(binary.statistics.activations)]);
    const weights = start();
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch: 4, logits: false };
    await using observer = await Observer.load(inlineEngine(), options);
    const { statistics } = await observer.observe(frames, indices, weights);
    const loss = (await run(weights)).loss;
    expect(loss / statisticsDistance(statistics, binary.statistics)).toBeCloseTo(1, 4);
  });

  test('has the gradients of finite differences', async () => {
    await expectGradients([alignPiece(binary.statistics.activations, { weight: 0.5 })]);
  });

  test('is that of the whole batch, whose statistics no part of it has', async () => {
    const piece = alignPiece(binary.statistics.activations);
    await expectTheSameInParts([piece]);
    const first = await StepGradient.load(inlineEngine(), {
      ...{ classifier: smallClassifier(1), card: binary, geometry, batch: 2, frames, pieces: [piece] },
    });
    const own = await first.of([0, 1], start());
    const whole = await (await loaded([piece]))(start());
    expect(Math.abs(own.loss / whole.loss - 1)).toBeGreaterThan(0.01);
  });

  test('has the loss of all frames where a part of them is differentiated', async () => {
    const pieces = [alignPiece(binary.statistics.activations)];
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch: 1, frames, pieces };
    await using all = await StepGradient.load(inlineEngine(), options);
    await using half = await StepGradient.load(inlineEngine(), { ...options, differentiated: 0.5 });
    expect((await half.of(indices, start())).loss).toBe((await all.of(indices, start())).loss);
    // Where the second half repeats the first one, half of the gradients have the mean of all.
    const repeated = [0, 1, 2, 0, 1, 2];
    const whole = await all.of(repeated, start());
    const { gradients } = await half.of(repeated, start());
    for (const [i, gradient] of whole.gradients.entries()) {
      const off = Math.hypot(...gradient.map((g, j) => g - gradients[i]![j]!));
      expect(off / Math.hypot(...gradient)).toBeLessThan(1e-5);
    }
  });

  test('cannot be beside labels where a part of the frames is differentiated', async () => {
    const pieces = [alignPiece(binary.statistics.activations), labelsPiece(binary.output, [0, 1, 1, 0, 1, 0])];
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch: 1, frames, pieces };
    await expect(StepGradient.load(inlineEngine(), { ...options, differentiated: 0.5 })).rejects.toThrow(
      /each of them/,
    );
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
    const run = await loaded([labelsPiece(binary.output, labels)]);
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch, logits: true };
    await using observer = await Observer.load(inlineEngine(), options);
    const { logits } = await observer.observe(frames, indices, start());
    const expected = logits.map(([z], i) => {
      const p = 1 / (1 + Math.exp(-z!));
      return -Math.log(labels[i] === 1 ? p : 1 - p);
    });
    const mean = expected.reduce((a, b) => a + b) / batch;
    expect((await run(start())).loss).toBeCloseTo(mean, 4);
  });

  test('of a softmax is the cross-entropy of the label', async () => {
    const card = smallCard(['a', 'b', 'c'], 'softmax');
    const targets = [0, 2, 1, 2, 0, 1];
    const run = await loaded([labelsPiece(card.output, targets)], card, 3);
    const options = { classifier: smallClassifier(3), card, geometry, batch, logits: true };
    await using observer = await Observer.load(inlineEngine(), options);
    const { logits } = await observer.observe(frames, indices, start());
    const expected = logits.map((z, i) => {
      return Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[targets[i]!]!;
    });
    const mean = expected.reduce((a, b) => a + b) / batch;
    expect((await run(start())).loss).toBeCloseTo(mean, 4);
  });

  test('with the alignment beside it has the gradients of finite differences, for both rules', async () => {
    const align = alignPiece(binary.statistics.activations, { weight: 0.3 });
    await expectGradients([labelsPiece(binary.output, labels), align]);
    const card = smallCard(['a', 'b', 'c'], 'softmax');
    await expectGradients([labelsPiece(card.output, [0, 2, 1, 2, 0, 1]), align], card, 3);
  });
});

describe('match', () => {
  const last = binary.statistics.activations.at(-1)!;
  const { weights: reference } = closedForm(geometry, 'area');

  /** What a front end makes of the frames. */
  async function taught(some: readonly number[], weights = reference): Promise<Tensors> {
    const options = { classifier: smallClassifier(1), card: binary, geometry, batch: some.length };
    const joined = joinedGraph({ ...options, tensors: [last.tensor, 'logits'] });
    const graph = await inlineEngine().load(encodeModel(joined));
    const pixels = new Uint8Array(batchBytes(geometry, some.length));
    await readBatch(frames, some, pixels);
    const feeds = { pixels: { data: pixels, dims: [some.length, 3, 24, 24] }, ...toTensors(weights) };
    return (await graph.run(feeds)).outputs;
  }
  const piece = matchPiece(last, 'logits', { teacher: (some) => taught(some) });

  test('is nothing for the teacher itself, by the plain definition for others', async () => {
    const run = await loaded([piece]);
    expect((await run(reference)).loss).toBeCloseTo(0, 9);
    const [teacher, student] = [await taught(indices), await taught(indices, start())];
    const { unit } = channelUnits(last);
    const meanSquare = (tensor: string, scale: (i: number) => number) => {
      const [a, b] = [teacher[tensor]!.data as Float32Array, student[tensor]!.data as Float32Array];
      const squares = Array.from(a, (value, i) => ((value - b[i]!) / scale(i)) ** 2);
      return squares.reduce((sum, one) => sum + one, 0) / squares.length;
    };
    const area = teacher[last.tensor]!.dims.slice(2).reduce((x, y) => x * y, 1);
    const features = meanSquare(last.tensor, (i) => unit[Math.floor(i / area) % unit.length]!);
    expect((await run(start())).loss / (features + meanSquare('logits', () => 1))).toBeCloseTo(1, 4);
  });

  test('has the gradients of finite differences, in parts too', async () => {
    await expectGradients([piece]);
    await expectTheSameInParts([piece, alignPiece(binary.statistics.activations, { weight: 0.3 })]);
  });
});
