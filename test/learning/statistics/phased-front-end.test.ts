import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasPhases, phasedFrontEnd } from '../../../src/learning/statistics/phased-front-end.ts';
import { frontEndFloatModel } from '../../../src/model/front-end/float-graph.ts';
import type { Padding } from '../../../src/model/strides.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { allStrides, geometryOf, randomAdapter, randomNumbers, runFrontEnd } from '../../support/front-end.ts';

test('is the front end of strides (1,2), for both paddings, and weights that use every tap', async () => {
  const sides = fc.integer({ min: 2, max: 9 });
  await fc.assert(
    fc.asyncProperty(
      ...[sides, sides, fc.constantFrom<Padding>('zero', 'edge'), fc.integer()],
      async (columns, rows, padding, seed) => {
        const geometry = geometryOf(columns, rows, [1, 2], [1, 2], padding);
        const dims = [2, 3, 2 * rows, 2 * columns];
        const random = randomNumbers(seed);
        const pixels = Uint8Array.from({ length: 24 * rows * columns }, () => Math.floor(256 * random()));
        const rgb = Float32Array.from(pixels, (value) => value / 255);
        const weights = randomAdapter(seed);
        const expected = await runFrontEnd(encodeModel(frontEndFloatModel(geometry)), { data: rgb, dims }, weights);
        const model = encodeModel(phasedFrontEnd(geometry, 2));
        expect(await runFrontEnd(model, { data: pixels, dims }, weights)).toBeAllClose(expected, { atol: 2e-5 });
      },
    ),
    { numRuns: 40 },
  );
});

test('is for strides (1,2) alone', () => {
  const fitting = allStrides.filter((strides) => hasPhases(geometryOf(2, 2, strides, strides, 'zero')));
  expect(fitting).toEqual([[1, 2]]);
  expect(hasPhases(geometryOf(2, 2, [1, 2], [3, 1], 'zero'))).toBe(false);
});
