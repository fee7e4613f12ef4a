import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FitParts } from '../../../src/learning/fit/fit.ts';
import { testedRate, type RangeTestParts } from '../../../src/learning/fit/range-test.ts';
import { usualLearningRate, usualSettings } from '../../../src/learning/fit/usual-settings.ts';
import { adapterTensorNames, toTensors, type AdapterWeights } from '../../../src/model/adapter.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { geometry } from '../small-classifier.ts';

const { weights: start } = closedForm(geometry, 'area');
const arrays = (weights: AdapterWeights) =>
  adapterTensorNames.map((name) => Float32Array.from(toTensors(weights)[name]!.data as Float32Array));

/** A bowl whose bottom is `distance` away from the start along every parameter of the second convolution's bias. */
function bowl(distance: number): RangeTestParts & { readonly seen: number[][] } {
  const seen: number[][] = [];
  const wanted = arrays(start)[3]!.map((value) => value + distance);
  return {
    seen,
    atOnce: 4,
    indices: Array.from({ length: 20 }, (_, i) => i),
    settings: { ...usualSettings, seed: 1, learningRate: usualLearningRate },
    gradient: {
      of: (indices, weights) => {
        seen.push([...indices].toSorted((a, b) => a - b));
        const all = arrays(weights);
        const off = all[3]!.map((value, i) => value - wanted[i]!);
        const gradients = all.map((values, i) => (i === 3 ? off : new Float32Array(values.length)));
        return Promise.resolve({ loss: off.reduce((sum, x) => sum + x * x, 0), pieces: {}, gradients });
      },
    },
  };
}

test('the usual rate stays where the loss bears more than it, but not far more', async () => {
  expect(await testedRate(bowl(0.02), start)).toEqual(usualLearningRate);
});

test('the way to go decides how fast: a rate that would overshoot is lowered, one that would crawl is raised', async () => {
  const { conv1, conv2 } = usualLearningRate;
  const near = await testedRate(bowl(1e-4), start);
  expect(near.conv2).toBeLessThan(conv2 / 10);
  const far = await testedRate(bowl(10), start);
  expect(far.conv2).toBeGreaterThan(5 * conv2);
  for (const rate of [near, far]) expect(rate.conv1 / rate.conv2).toBeCloseTo(conv1 / conv2);
});

test('whatever the way, its length is not passed in one step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: -3.5, max: 1, noNaN: true }), async (exponent) => {
      const distance = 10 ** exponent;
      const { conv2 } = await testedRate(bowl(distance), start);
      expect(conv2).toBeLessThan(distance);
    }),
    { numRuns: 30 },
  );
});

test('every step sees the same frames, so that the rate alone makes the difference', async () => {
  const parts = bowl(0.05);
  await testedRate(parts, start);
  expect(parts.seen.length).toBeGreaterThan(3);
  for (const frames of parts.seen) expect(frames).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a batch that goes in threes is tested in threes', async () => {
  const parts = bowl(0.05);
  await testedRate({ ...parts, atOnce: 3 }, start);
  expect(parts.seen[0]).toHaveLength(9);
});

test('a loss that is no number ends the test as growth does; an error and an abort are thrown on', async () => {
  const diverging = bowl(1);
  let calls = 0;
  const gradient: FitParts['gradient'] = {
    of: async (...args) => ({ ...(await diverging.gradient.of(...args)), ...(++calls > 4 && { loss: NaN }) }),
  };
  expect((await testedRate({ ...diverging, gradient }, start)).conv2).toBeLessThan(usualLearningRate.conv2);
  const broken = { of: () => Promise.reject(new Error('the device is gone')) };
  await expect(testedRate({ ...diverging, gradient: broken }, start)).rejects.toThrow('the device is gone');
  await expect(testedRate(bowl(1), start, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
