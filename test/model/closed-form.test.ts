import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/closed-form.ts';
import { frontEndFloatModel } from '../../src/model/front-end/float-graph.ts';
import { paddingFor, type Kernel } from '../../src/model/kernel.ts';
import { product, stridesFor, type Strides } from '../../src/model/strides.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import { allStrides, geometryOf, randomNumbers, runFrontEnd } from '../support/front-end.ts';
import { goldenNoise, waves } from '../support/images.ts';

interface ResizeCase {
  readonly kernel: Kernel;
  readonly image: 'noise' | 'waves';
  readonly x: number;
  readonly y: number;
  readonly values: readonly number[];
}

/** Made by Pillow: see make-resizes.py. */
const { columns, rows, cases } = JSON.parse(
  readFileSync(new URL('../fixtures/resizes.json', import.meta.url), 'utf8'),
) as { columns: number; rows: number; cases: readonly ResizeCase[] };

/** R = image, G = half of it, B = black, through the front end set to `kernel`. */
async function resized(kernel: Kernel, x: Strides, y: Strides, image: Float32Array): Promise<Float32Array> {
  const geometry = geometryOf(columns, rows, x, y, paddingFor(kernel));
  const rgb = new Float32Array(3 * image.length);
  rgb.set(image);
  rgb.set(
    image.map((value) => value / 2),
    image.length,
  );
  const tensor = { data: rgb, dims: [1, 3, geometry.grid.height, geometry.grid.width] };
  const { weights } = closedForm(geometry, kernel);
  return runFrontEnd(encodeModel(frontEndFloatModel(geometry)), tensor, weights);
}

function expectChannels(actual: Float32Array, expected: ArrayLike<number>, atol: number): void {
  const halves = Array.from(expected, (value) => value / 2);
  const black = halves.map(() => 0);
  expect(actual).toBeAllClose([...Array.from(expected), ...halves, ...black], { rtol: 0, atol });
}

describe('area equals the mean of each block, borders included', () => {
  it.each(allStrides)('strides (%i, %i)', async (first, second) => {
    const x: Strides = [first, second];
    const y: Strides = [second === 3 ? first : 8 - first, second];
    const [width, height] = [columns * product(x), rows * product(y)];
    const random = randomNumbers(first * 10 + second);
    const image = Float32Array.from({ length: width * height }, random);
    const means = Array.from({ length: columns * rows }, (_, i) => {
      const [left, top] = [(i % columns) * product(x), Math.floor(i / columns) * product(y)];
      let sum = 0;
      for (let row = top; row < top + product(y); row++) {
        for (let column = left; column < left + product(x); column++) sum += image[row * width + column]!;
      }
      return sum / (product(x) * product(y));
    });
    expect(closedForm(geometryOf(columns, rows, x, y, 'zero'), 'area')).toMatchObject({ exact: true, rms: 0 });
    expectChannels(await resized('area', x, y, image), means, 1e-6);
  });
});

describe('nearest, triangle and bicubic equal Pillow where they say that they are exact', () => {
  const exact = cases.filter(({ image }) => image === 'noise');
  const splits = (factor: number) => allStrides.filter((strides) => product(strides) === factor);
  it.each(exact)('$kernel, $x × $y', async ({ kernel, x, y, values }) => {
    const image = goldenNoise(columns * x * rows * y);
    const pairs = splits(x).flatMap((a) => splits(y).map((b) => [a, b] as const));
    const found = pairs.filter(
      ([a, b]) => closedForm(geometryOf(columns, rows, a, b, paddingFor(kernel)), kernel).exact,
    );
    // The nearest pixel is exact however the factor is split.
    if (kernel === 'nearest') expect(found).toHaveLength(pairs.length);
    expect(found).not.toHaveLength(0);
    for (const [a, b] of found) expectChannels(await resized(kernel, a, b, image), values, 1e-5);
  });
});

it('says which of the wide kernels are exact at the strides that are used', () => {
  const exactFactors = (kernel: Kernel) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14].filter((factor) => {
      const strides = stridesFor(factor);
      return closedForm(geometryOf(2, 2, strides, strides, 'edge'), kernel).exact;
    });
  expect(exactFactors('triangle')).toEqual([1, 2, 3, 4, 6]);
  expect(exactFactors('bicubic')).toEqual([1, 2]);
});

it('claims no exact border where the padding is not the one that the kernel needs', () => {
  expect(closedForm(geometryOf(2, 2, [1, 2], [1, 2], 'zero'), 'triangle').exact).toBe(false);
});

it('has the values of the paper’s own net at 300 to 150', () => {
  const { weights } = closedForm(geometryOf(150, 150, [1, 2], [1, 2], 'zero'), 'area');
  const delta = Array.from({ length: 49 }, (_, i) => (i === 24 ? 1 : 0));
  expect(weights.conv1Weight.slice(0, 49)).toBeAllClose(delta);
  expect(weights.conv2Weight.slice(0, 9)).toBeAllClose([0.25, 0.25, 0, 0.25, 0.25, 0, 0, 0, 0]);
  expect([...weights.conv1Bias, ...weights.conv2Bias].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
});

it('lifts the negative lobes of bicubic, so that the first ReLU cannot act', () => {
  const { weights } = closedForm(geometryOf(2, 2, [1, 2], [1, 2], 'edge'), 'bicubic');
  // The mass of the lobes of a·aᵀ is known: .3208.
  expect(weights.conv1Bias).toBeAllClose([0.3208, 0.3208, 0.3208], { atol: 5e-5 });
  expect(weights.conv2Bias).toBeAllClose([-0.3208, -0.3208, -0.3208], { atol: 5e-5 });
});

describe('least squares elsewhere', () => {
  /** Root mean square in units of 1/255, per axis, at which 4,000 sweeps end. */
  const reachable: Partial<Record<Kernel, Readonly<Record<number, number>>>> = {
    triangle: { 5: 0.62, 7: 1.81, 8: 0.163, 14: 0.986 },
    bicubic: { 4: 0.61, 5: 0.93, 7: 2.45, 8: 1.994, 14: 2.841 },
  };
  it.each(cases.filter(({ image }) => image === 'waves'))('$kernel at $x', async ({ kernel, x, values }) => {
    const strides = stridesFor(x);
    const { exact, rms } = closedForm(geometryOf(columns, rows, strides, strides, 'edge'), kernel);
    const image = waves(columns * x, rows * x);
    const actual = (await resized(kernel, strides, strides, image)).slice(0, values.length);
    const difference = Math.sqrt(values.reduce((sum, value, i) => sum + (value - actual[i]!) ** 2, 0) / values.length);
    expect(difference * 255).toBeLessThan(exact ? 0.01 : 2 * rms);
    const perAxis = reachable[kernel]?.[x];
    if (perAxis !== undefined) expect(rms).toBeLessThan(perAxis * Math.SQRT2 * 1.04);
  });
});
