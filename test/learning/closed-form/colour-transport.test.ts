import { describe, expect, test } from 'vitest';
import { withColourMap } from '../../../src/learning/closed-form/colour-map.ts';
import { colourTransport } from '../../../src/learning/closed-form/colour-transport.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { frontEndFloatModel } from '../../../src/model/front-end/float-graph.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { runFrontEnd } from '../../support/front-end.ts';
import { geometry } from '../small-classifier.ts';

const from = {
  mean: [0.1, 0.15, 0.2],
  covariance: [
    [0.004, 0.003, 0.002],
    [0.003, 0.005, 0.003],
    [0.002, 0.003, 0.006],
  ],
};
const to = {
  mean: [0.5, 0.45, 0.4],
  covariance: [
    [0.07, 0.06, 0.055],
    [0.06, 0.068, 0.06],
    [0.055, 0.06, 0.07],
  ],
};

const product = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const transposed = (a: readonly (readonly number[])[]) => a[0]!.map((_, j) => a.map((row) => row[j]!));

describe('colour transport', () => {
  test('gives the wanted mean and covariance', () => {
    const { matrix, offset } = colourTransport(from, to);
    const mean = matrix.map((row, i) => row.reduce((sum, m, j) => sum + m * from.mean[j]!, offset[i]!));
    expect(mean).toBeAllClose(to.mean);
    const covariance = product(product(matrix, from.covariance), transposed(matrix));
    expect(covariance.flat()).toBeAllClose(to.covariance.flat());
  });

  test('is symmetric, as the map that moves colours least must be', () => {
    const { matrix } = colourTransport(from, to);
    expect(matrix.flat()).toBeAllClose(transposed(matrix).flat());
    // Along one axis it is the ratio of deviations, not minus that.
    const scaled = colourTransport(
      {
        mean: [0, 0, 0],
        covariance: [
          [1, 0, 0],
          [0, 4, 0],
          [0, 0, 9],
        ],
      },
      {
        mean: [0, 0, 0],
        covariance: [
          [4, 0, 0],
          [0, 4, 0],
          [0, 0, 1],
        ],
      },
    );
    expect(scaled.matrix.flat()).toBeAllClose([2, 0, 0, 0, 1, 0, 0, 0, 1 / 3]);
  });

  test('of frames that are all black stays finite', () => {
    const black = {
      mean: [0, 0, 0],
      covariance: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    };
    expect(colourTransport(black, to).matrix.flat().every(Number.isFinite)).toBe(true);
  });

  test('folded into the front end equals the map behind it', async () => {
    const map = colourTransport(from, to);
    const { weights } = closedForm(geometry, 'area');
    const { width, height } = geometry.grid;
    const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.3 * Math.sin(0.1 * i));
    const pixels = { data: rgb, dims: [1, 3, height, width] };
    const model = encodeModel(frontEndFloatModel(geometry));
    const plain = await runFrontEnd(model, pixels, weights);
    const mapped = await runFrontEnd(model, pixels, withColourMap(weights, map));
    const plane = plain.length / 3;
    const expected = Float32Array.from(plain, (_, i) => {
      const [c, place] = [Math.floor(i / plane), i % plane];
      return Math.max(
        0,
        map.matrix[c]!.reduce((sum, m, d) => sum + m * plain[d * plane + place]!, map.offset[c]!),
      );
    });
    expect(mapped).toBeAllClose(expected, { atol: 1e-5 });
  });
});
