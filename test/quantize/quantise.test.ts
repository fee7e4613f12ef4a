import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionOptions } from '../../src/engine/onnxruntime/session-options.ts';
import { loadBundle, type Bundle } from '../../src/model/bundle.ts';
import { adapterDigest } from '../../src/model/card.ts';
import { floatBundle } from '../../src/model/float-bundle.ts';
import { decodeModel, encodeModel, quantisesActivations } from '../../src/onnx/wire.ts';
import { affineOf, rounded } from '../../src/quantize/affine.ts';
import { correctedBias } from '../../src/quantize/bias-correction.ts';
import { floatWeights } from '../../src/quantize/float-weights.ts';
import { integerWeights } from '../../src/quantize/integer-weights.ts';
import { qdqModel } from '../../src/quantize/qdq-model.ts';
import { floatCounts } from '../../src/quantize/quantise.ts';
import { Histogram, rangeMethods, rangeOf } from '../../src/quantize/ranges.ts';
import { isWeighted, stepsOf } from '../../src/quantize/steps.ts';
import { quantised as storedAsIntegers, smallBundle, smallPictures } from '../learning/head/small-material.ts';
import { smallClassifier } from '../learning/small-classifier.ts';
import { captured } from '../commands/capture.ts';

const seeded = { seed: 7, numRuns: 200 };
const finite = fc.double({ min: -1e4, max: 1e4, noNaN: true });

describe('uint8', () => {
  it('should stand for 0 exactly, and for what lies in its range within half a step', () => {
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, at) => {
        const [low, high] = [Math.min(a, b, 0), Math.max(a, b, 0)];
        const affine = affineOf({ low, high });
        expect(rounded(0, affine)).toBe(0);
        expect(Number.isInteger(affine.zero) && affine.zero >= 0 && affine.zero <= 255).toBe(true);
        const value = low + at * (high - low);
        // Half a step more at the ends: 0 is moved to a whole number.
        if (high - low > 1e-30)
          expect(Math.abs(rounded(value, affine) - value)).toBeLessThanOrEqual(affine.scale * 1.001);
      }),
      seeded,
    );
  });
});

describe('the ranges', () => {
  it('should lie in what was seen and hold 0, by every method', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 80, noNaN: true }), { minLength: 1 }), (values) => {
        const histogram = new Histogram({ low: Math.min(...values), high: Math.max(...values) }, 256);
        histogram.add(Float32Array.from(values));
        for (const method of rangeMethods) {
          const { low, high } = rangeOf(histogram, method);
          expect(low <= 0 && high >= 0 && low >= histogram.low - 1e-9 && high <= histogram.high + 1e-9).toBe(true);
        }
      }),
      { ...seeded, numRuns: 30 },
    );
  });

  it('should leave out a single far value, but by min-max', () => {
    const histogram = new Histogram({ low: 0, high: 1000 });
    histogram.add(new Float32Array(100_000).map((_, i) => i / 100_000));
    histogram.add(Float32Array.of(1000));
    expect(rangeOf(histogram, 'min-max').high).toBe(1000);
    expect(rangeOf(histogram, 'percentile').high).toBeLessThan(2);
  });
});

describe('the weights', () => {
  const layers = stepsOf(smallClassifier(2)).filter(isWeighted);

  it('should be within half a step of the floats, and never beyond 64', () => {
    for (const layer of layers) {
      const { values, scales } = integerWeights(layer, 0.1);
      const perOutput = layer.weights.data.length / scales.length;
      (layer.weights.data as Float32Array).forEach((value, i) => {
        const scale = scales[layer.axis === 0 ? Math.floor(i / perOutput) : i % scales.length]!;
        expect(Math.abs(values[i]! * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
        expect(Math.abs(values[i]!)).toBeLessThanOrEqual(64);
      });
    }
  });

  it('should answer a constant input as the floats do, once the bias is corrected', () => {
    const layer = layers.find(({ node }) => node.opType === 'Gemm')!;
    const rounded = integerWeights(layer, 0.1);
    const x = Float64Array.of(0.3, 1.1, 0.2, 0.7, 2.5);
    const bias = correctedBias(layer, rounded, x);
    const outputs = layer.weights.dims[1]!;
    for (let o = 0; o < outputs; o++) {
      const sum = (weight: (i: number) => number) =>
        x.reduce((all, each, i) => all + each * weight(i * outputs + o), 0);
      const exact = sum((i) => Number(layer.weights.data[i])) + Number(layer.bias!.data[o]);
      expect(sum((i) => rounded.values[i]! * rounded.scales[o]!) + bias[o]!).toBeCloseTo(exact, 9);
    }
  });
});

describe('the graph', () => {
  const model = smallClassifier(2);
  const unit = { affine: () => ({ scale: 0.02, zero: 0 }), means: () => undefined };
  const graph = qdqModel(model, { ...unit, float: new Set() });

  it('should run as integers in the session of a CPU, as floats in others', async () => {
    const bytes = encodeModel(graph);
    expect(quantisesActivations(bytes)).toBe(true);
    expect(quantisesActivations(encodeModel(model))).toBe(false);
    expect(quantisesActivations(encodeModel(storedAsIntegers(model)))).toBe(false);
    const operators = async (integers: boolean) => {
      const folder = mkdtempSync(join(tmpdir(), 'edge-cls-optimised-'));
      const file = join(folder, 'optimised.onnx');
      try {
        const options = sessionOptions({ device: 'cpu', threads: 1 }, { integers });
        const session = await ort.InferenceSession.create(bytes, { ...options, optimizedModelFilePath: file });
        await session.release();
        return decodeModel(readFileSync(file)).nodes.map(({ opType }) => opType);
      } finally {
        rmSync(folder, { recursive: true });
      }
    };
    expect(await operators(true)).toEqual(expect.arrayContaining(['QLinearConv', 'QGemm']));
    expect(await operators(true)).not.toContain('Conv');
    expect(await operators(false)).not.toContain('QLinearConv');
  });

  it('should leave a layer in float whose name is given, and what comes after the rectifier of another', () => {
    const kept = qdqModel(model, { ...unit, float: new Set(['r1']) });
    expect(kept.nodes.filter(({ opType }) => opType === 'Relu')).toHaveLength(1);
    expect(kept.initializers.map(({ name }) => name)).toContain('w1');
    expect(graph.nodes.filter(({ opType }) => opType === 'Relu')).toHaveLength(0);
    expect(graph.initializers.map(({ name }) => name)).not.toContain('w1');
  });

  it('should be made of floats where the weights were stored as integers', () => {
    const plain = floatWeights(storedAsIntegers(model));
    expect(plain.nodes.map(({ opType }) => opType)).not.toContain('DequantizeLinear');
    const [stored, before] = [plain, model].map(({ initializers }) => initializers.find(({ name }) => name === 'w1')!);
    stored!.data.forEach((value, i) => expect(Math.abs(Number(value) - Number(before!.data[i]))).toBeLessThan(0.0101));
  });

  it('should leave a quarter of the layers in float at most', () => {
    expect(floatCounts(2)).toEqual([0]);
    expect(Math.max(...floatCounts(49))).toBeLessThanOrEqual(12);
  });
});

describe('edge-cls models quantize', () => {
  let root: string;
  let base: Bundle;
  let images: string;
  const quantize = (...argv: string[]) => captured('models', 'quantize', ...argv);

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'edge-cls-quantize-'));
    base = await smallBundle(root, smallClassifier(1));
    images = await smallPictures(root);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('should make a bundle that answers as its card says, and says what it was made of', async () => {
    const out = join(root, 'out');
    const made = await quantize(base.directory, '--images', images, '--labels', '--output', out, '--json');
    expect(made).toMatchObject({ exitCode: 0 });
    const { card, directory } = await loadBundle(join(out, 'small-int8'));
    expect(card.int8).toMatchObject({ from: { name: 'small', digest: base.card.model.digest } });
    expect(card.int8!.pictures).toEqual({ calibration: 10, choice: 10 });
    expect(card.int8!.agreement).toEqual({ images: 20, value: expect.any(Number) as number });
    expect(card.int8!.agreement.value).toBeGreaterThanOrEqual(0.9);
    expect(card.accuracy[0]).toMatchObject({ images: 20 });
    expect(await captured('models', 'verify', directory, '--device', 'cpu')).toMatchObject({ exitCode: 0 });
    expect(readdirSync(out)).toEqual(['small-int8']);

    expect(adapterDigest(card)).toBe(base.card.model.digest);
    expect(await floatBundle(base)).toBe(base);
    const made8 = await loadBundle(directory);
    await expect(floatBundle(made8)).rejects.toThrow('needs the one it was made of, small with the digest');
    expect((await floatBundle(made8, [root])).directory).toBe(base.directory);

    expect(await quantize(directory, '--images', images, '--name', 'again', '--output', out)).toMatchObject({
      exitCode: 78,
      stderr: expect.stringMatching(/computes in int8 already; give the one .*\(small\)/) as string,
    });
    expect(await quantize(base.directory, '--images', images, '--output', out)).toMatchObject({
      stderr: expect.stringContaining('already') as string,
    });
    expect(readdirSync(out)).toEqual(['small-int8']);
  });

  it.each([
    ['a folder that is not there', () => ['--images', join(root, 'nowhere')], 'must be one that can be read'],
    ['one without pictures', () => ['--images', join(root, 'small')], 'at least 12 different pictures'],
    ['no labels where they are asked for', () => ['--images', join(images, 'red'), '--labels'], 'named after labels'],
  ])('should refuse %s', async (_, argv, says) => {
    const out = join(root, 'refused');
    const { exitCode, stderr } = await quantize(base.directory, ...argv(), '--output', out);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(says) as string });
    expect(existsSync(out)).toBe(false);
  });

  it('should leave a directory alone that is no bundle', async () => {
    const out = join(root, 'occupied');
    mkdirSync(join(out, 'small-int8', 'mine'), { recursive: true });
    const { exitCode, stderr } = await quantize(base.directory, '--images', images, '--output', out);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('small-int8') as string });
    expect(readdirSync(join(out, 'small-int8'))).toEqual(['mine']);
  });
});
