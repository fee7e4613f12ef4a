import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { Size } from '../../src/domain/frame.ts';
import type { AdapterWeights } from '../../src/model/adapter.ts';
import { frontEndFloatModel, frontEndModel, mergedFrontEndModel } from '../../src/model/front-end.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import type { Geometry } from '../../src/model/geometry.ts';
import { mergeAdapter } from '../../src/model/merge-adapter.ts';
import type { Strides } from '../../src/model/strides.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import type { Tensors } from '../../src/engine/engine.ts';
import { inlineEngine } from '../support/inline-engine.ts';
import { geometryOf, randomAdapter, randomNumbers, runFrontEnd } from '../support/front-end.ts';

const strides = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 })) as fc.Arbitrary<Strides>;
const padding = fc.constantFrom('zero' as const, 'edge' as const);

const geometries = fc
  .record({
    columns: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 4 }),
    x: strides,
    y: strides,
    padding,
  })
  .map(({ columns, rows, x, y, padding }) => geometryOf(columns, rows, x, y, padding));

/** [3, 3, side, side] weights, or pixels [3, height, width]. */
type At = (channel: number, row: number, column: number) => number;

/** One convolution by its definition, with ReLU; `source` answers outside of the picture, too. */
function convolve(source: At, weights: Float32Array, bias: Float32Array, side: number, pads: Size, stride: Size): At {
  return (output, row, column) => {
    let sum = bias[output]!;
    for (let c = 0; c < 3; c++) {
      for (let k = 0; k < side; k++) {
        for (let l = 0; l < side; l++) {
          const weight = weights[((output * 3 + c) * side + k) * side + l]!;
          sum += weight * source(c, row * stride.height + k - pads.height, column * stride.width + l - pads.width);
        }
      }
    }
    return Math.max(0, sum);
  };
}

/** The front end by its definition: black outside, or the nearest pixel with the phase centred on the block. */
function defined({ grid, input, strides: { x, y }, padding }: Geometry, rgb: Float32Array, weights: AdapterWeights) {
  const pixel: At = (c, i, j) => rgb[(c * grid.height + i) * grid.width + j]!;
  const clamp = (value: number, side: number) => Math.min(side - 1, Math.max(0, value));
  const inside = ({ width, height }: Size, source: At): At => {
    return (c, i, j) => (i >= 0 && i < height && j >= 0 && j < width ? source(c, i, j) : 0);
  };
  const first = { width: x[0], height: y[0] };
  const second = { width: x[1], height: y[1] };
  let between: At;
  let pads: Size = { width: Math.floor((3 - x[1]) / 2), height: Math.floor((3 - y[1]) / 2) };
  if (padding === 'zero') {
    const before = { width: Math.floor((7 - x[0]) / 2), height: Math.floor((7 - y[0]) / 2) };
    const conv1 = convolve(inside(grid, pixel), weights.conv1Weight, weights.conv1Bias, 7, before, first);
    between = inside({ width: input.width * x[1], height: input.height * y[1] }, conv1);
  } else {
    const reach = ([a, b]: Strides) => Math.floor((7 + 2 * a - a * b) / 2);
    const edge: At = (c, i, j) => pixel(c, clamp(i, grid.height), clamp(j, grid.width));
    const before = { width: reach(x), height: reach(y) };
    between = convolve(edge, weights.conv1Weight, weights.conv1Bias, 7, before, first);
    pads = { width: 0, height: 0 };
  }
  const image = convolve(between, weights.conv2Weight, weights.conv2Bias, 3, pads, second);
  return Array.from({ length: 3 * input.height * input.width }, (_, i) => {
    const rest = i % (input.height * input.width);
    return image(Math.floor(i / (input.height * input.width)), Math.floor(rest / input.width), rest % input.width);
  });
}

/** Bytes [2, 3, height, width]. */
function randomPixels({ grid }: Geometry, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  return Uint8Array.from({ length: 6 * grid.width * grid.height }, () => Math.floor(random() * 256));
}

/** R, G, B from 0 to 1 of bytes whose planes are G, B, R. */
function asRgb(pixels: Uint8Array, plane: number): Float32Array<ArrayBuffer> {
  const rgb = new Float32Array(pixels.length);
  for (let start = 0; start < pixels.length; start += 3 * plane) {
    const [green, blue, red] = [0, 1, 2].map((i) => pixels.subarray(start + i * plane, start + (i + 1) * plane));
    [red!, green!, blue!].forEach((values, c) =>
      rgb.set(
        Float32Array.from(values, (byte) => byte / 255),
        start + c * plane,
      ),
    );
  }
  return rgb;
}

it('is the two convolutions, for every stride, both paddings, and weights that use every tap', async () => {
  await fc.assert(
    fc.asyncProperty(geometries, fc.integer(), async (geometry, seed) => {
      const { width, height } = geometry.grid;
      const random = randomNumbers(seed);
      const rgb = Float32Array.from({ length: 3 * width * height }, random);
      const weights = randomAdapter(seed);
      const tensor = { data: rgb, dims: [1, 3, height, width] };
      const actual = await runFrontEnd(encodeModel(frontEndFloatModel(geometry)), tensor, weights);
      expect(actual).toBeAllClose(defined(geometry, rgb, weights), { atol: 2e-5 });
    }),
    { numRuns: 60 },
  );
});

it('reads bytes as the float graph reads their R, G, B, two at a time', async () => {
  await fc.assert(
    fc.asyncProperty(geometries, fc.integer(), async (geometry, seed) => {
      const { width, height } = geometry.grid;
      const dims = [2, 3, height, width];
      const data = randomPixels(geometry, seed);
      const weights = randomAdapter(seed);
      const rgb = asRgb(data, width * height);
      const expected = await runFrontEnd(encodeModel(frontEndFloatModel(geometry)), { data: rgb, dims }, weights);
      const actual = await runFrontEnd(frontEndModel({ geometry }), { data, dims }, weights);
      expect(expected).toHaveLength(6 * geometry.input.width * geometry.input.height);
      expect(actual).toBeAllClose(expected, { atol: 5e-5 });
    }),
    { numRuns: 40 },
  );
});

/** One session with feeds of any names. */
async function run(model: Uint8Array, feeds: Tensors): Promise<Float32Array> {
  const graph = await inlineEngine().load(model);
  try {
    return (await graph.run(feeds)).outputs['image']!.data as Float32Array;
  } finally {
    await graph.release();
  }
}

it('gives the same in strips of any height', async () => {
  await fc.assert(
    fc.asyncProperty(
      geometries,
      fc.integer(),
      fc.integer({ min: 1, max: 2000 }),
      async (geometry, seed, stripBytes) => {
        const dims = [2, 3, geometry.grid.height, geometry.grid.width];
        const pixels = { data: randomPixels(geometry, seed), dims };
        const weights = randomAdapter(seed);
        const whole = await runFrontEnd(frontEndModel({ geometry, stripBytes: Infinity }), pixels, weights);
        const strips = await runFrontEnd(frontEndModel({ geometry, stripBytes }), pixels, weights);
        expect(strips).toBeAllClose(whole, { atol: 1e-5 });
      },
    ),
    { numRuns: 40 },
  );
});

/** An adapter whose first ReLU is idle, and whose conv2 stays inside: all that merging needs. */
function idleAdapter({ strides: { x, y }, padding }: Geometry, seed: number): AdapterWeights {
  const weights = randomAdapter(seed);
  const used = (tap: number, second: number) =>
    padding === 'edge' || second === 3 || (second === 2 ? tap < 2 : tap === 1);
  return {
    ...weights,
    conv1Bias: Float32Array.from([0, 1, 2], (o) => {
      return 1e-3 + weights.conv1Weight.slice(o * 147, (o + 1) * 147).reduce((sum, w) => sum + Math.max(0, -w), 0);
    }),
    conv2Weight: weights.conv2Weight.map((w, i) => (used(Math.floor(i / 3) % 3, y[1]) && used(i % 3, x[1]) ? w : 0)),
  };
}

it('is one convolution where the first ReLU is idle', async () => {
  await fc.assert(
    fc.asyncProperty(geometries, fc.integer(), async (geometry, seed) => {
      const weights = idleAdapter(geometry, seed);
      const pixels = { data: randomPixels(geometry, seed), dims: [2, 3, geometry.grid.height, geometry.grid.width] };
      const options = { geometry };
      const expected = await runFrontEnd(frontEndModel(options), pixels, weights);
      const merged = mergeAdapter(weights, geometry)!;
      expect(await run(mergedFrontEndModel(options), { pixels, ...merged })).toBeAllClose(expected, { atol: 1e-4 });
    }),
    { numRuns: 40 },
  );
});

it('merges the closed forms, and nothing that it would change', () => {
  const zero = geometryOf(2, 2, [1, 2], [1, 2], 'zero');
  const edge = geometryOf(2, 2, [1, 2], [1, 2], 'edge');
  const { weights } = closedForm(zero, 'area');
  expect(mergeAdapter(weights, zero)).toBeDefined();
  expect(mergeAdapter(closedForm(edge, 'bicubic').weights, edge)).toBeDefined();
  expect(mergeAdapter({ ...weights, conv1Bias: Float32Array.of(0, -1e-6, 0) }, zero)).toBeUndefined();
  expect(mergeAdapter({ ...weights, conv1Weight: weights.conv1Weight.with(441 - 1, -1e-6) }, zero)).toBeUndefined();
  const beyond = { ...weights, conv2Weight: weights.conv2Weight.with(8, 0.1) };
  expect(mergeAdapter(beyond, zero)).toBeUndefined();
  expect(mergeAdapter(beyond, edge)).toBeDefined();
});
