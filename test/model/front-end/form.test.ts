import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { Size } from '../../../src/domain/frame.ts';
import type { AdapterWeights } from '../../../src/model/adapter.ts';
import { frontEndFloatModel } from '../../../src/model/front-end/float-graph.ts';
import { chooseForm, equalForms } from '../../../src/model/front-end/form.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import type { Geometry } from '../../../src/model/geometry.ts';
import { compositeOf } from '../../../src/model/front-end/composite.ts';
import type { Strides } from '../../../src/model/strides.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { geometryOf, randomAdapter, randomNumbers, runFrontEnd, runOnce } from '../../support/front-end.ts';

const strides = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 })) as fc.Arbitrary<Strides>;
const padding = fc.constantFrom('zero' as const, 'edge' as const);

const geometries = fc
  .record({
    columns: fc.integer({ min: 1, max: 5 }),
    rows: fc.integer({ min: 1, max: 9 }),
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

/** As a fit makes it: pictures of 0 to 1 come out as such, or a little beyond. */
function calm(weights: AdapterWeights): AdapterWeights {
  return {
    ...weights,
    conv1Weight: weights.conv1Weight.map((w) => w / 8),
    conv1Bias: weights.conv1Bias.map((b) => b / 8),
    conv2Weight: weights.conv2Weight.map((w) => w / 4),
  };
}

/** Kernels that are outer products, the same for all colours, with a colour matrix behind them: as closed forms are. */
function outerProducts(geometry: Geometry, seed: number): AdapterWeights {
  const random = randomNumbers(seed);
  const vector = (length: number) => Array.from({ length }, () => random() - 0.3);
  const [a, b] = [vector(7), vector(7)];
  const idle = idleAdapter(geometry, seed);
  const [column, row] = [vector(3), vector(3)];
  const mix = vector(9);
  const conv1Weight = idle.conv1Weight.map((_, i) => {
    const [output, input] = [Math.floor(i / 147), Math.floor(i / 49) % 3];
    return output === input ? a[Math.floor(i / 7) % 7]! * b[i % 7]! : 0;
  });
  return {
    conv1Weight,
    conv1Bias: Float32Array.of(3, 3, 3).map((_, o) =>
      conv1Weight.slice(o * 147, (o + 1) * 147).reduce((sum, w) => sum + Math.max(0, -w), 0.01),
    ),
    conv2Weight: idle.conv2Weight.map(
      (w, i) => w && mix[Math.floor(i / 9)]! * column[Math.floor(i / 3) % 3]! * row[i % 3]!,
    ),
    conv2Bias: idle.conv2Bias,
  };
}

const kinds: Record<string, (geometry: Geometry, seed: number) => AdapterWeights> = {
  'any values': (_, seed) => calm(randomAdapter(seed)),
  'an idle first ReLU': (geometry, seed) => calm(idleAdapter(geometry, seed)),
  'outer products': (geometry, seed) => calm(outerProducts(geometry, seed)),
  'the closed form': (geometry) => closedForm(geometry, geometry.padding === 'edge' ? 'bicubic' : 'area').weights,
};

it.each(Object.keys(kinds))('every form is the two convolutions, to 1e-6: %s', async (kind) => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      geometries,
      fc.integer(),
      fc.constantFrom(undefined, 1, 700, 5000),
      async (geometry, seed, stripBytes) => {
        const { width, height } = geometry.grid;
        const adapter = kinds[kind]!(geometry, seed);
        const data = randomPixels(geometry, seed);
        const rgb = asRgb(data, width * height);
        const half = rgb.length / 2;
        const expected = [rgb.subarray(0, half), rgb.subarray(half)].flatMap((each) =>
          defined(geometry, each, adapter),
        );
        for (const form of equalForms({ adapter, geometry, ...(stripBytes && { stripBytes }) })) {
          seen.add(form.name);
          const actual = await runOnce(encodeModel(form.graph()), { data, dims: [2, 3, height, width] });
          expect(actual, `${form.name} ${form.phases.y}x${form.phases.x}`).toBeAllClose(expected, {
            atol: 1e-6,
            rtol: 1e-6,
          });
        }
      },
    ),
    { numRuns: kind === 'the closed form' ? 4 : 6 },
  );
  const all = ['two convolutions', 'merged', 'separable'];
  expect([...seen]).toEqual(all.slice(0, { 'any values': 1, 'an idle first ReLU': 2 }[kind] ?? 3));
});

it('merges the closed forms, and nothing that it would change', () => {
  const zero = geometryOf(2, 2, [1, 2], [1, 2], 'zero');
  const edge = geometryOf(2, 2, [1, 2], [1, 2], 'edge');
  const { weights } = closedForm(zero, 'area');
  expect(compositeOf(weights, zero)).toBeDefined();
  expect(compositeOf(closedForm(edge, 'bicubic').weights, edge)).toBeDefined();
  expect(compositeOf({ ...weights, conv1Bias: Float32Array.of(0, -1e-6, 0) }, zero)).toBeUndefined();
  expect(compositeOf({ ...weights, conv1Weight: weights.conv1Weight.with(441 - 1, -1e-6) }, zero)).toBeUndefined();
  const beyond = { ...weights, conv2Weight: weights.conv2Weight.with(8, 0.1) };
  expect(compositeOf(beyond, zero)).toBeUndefined();
  expect(compositeOf(beyond, edge)).toBeDefined();
});

it('takes nothing for columns and rows that differs from them by more than rounding', () => {
  const geometry = geometryOf(2, 2, [1, 2], [1, 2], 'edge');
  const { weights } = closedForm(geometry, 'bicubic');
  const names = (adapter: AdapterWeights) => equalForms({ adapter, geometry }).map(({ name }) => name);
  expect(names(weights)).toContain('separable');
  const bent = { ...weights, conv1Weight: weights.conv1Weight.with(0, weights.conv1Weight[0]! + 1e-5) };
  expect(names(bent)).toContain('merged');
  expect(names(bent)).not.toContain('separable');
});

it('chooses what was measured to be the quickest', () => {
  const chosen = (geometry: Geometry, adapter: AdapterWeights, forCpu = true) => {
    const { name, phases } = chooseForm({ geometry, adapter, forCpu });
    return `${name} ${phases.y}x${phases.x}`;
  };
  const [lite, inception] = [
    geometryOf(224, 224, [1, 2], [1, 2], 'edge'),
    geometryOf(150, 150, [1, 2], [1, 2], 'zero'),
  ];
  const [bicubic, area] = [closedForm(lite, 'bicubic').weights, closedForm(inception, 'area').weights];
  expect(chosen(lite, bicubic)).toBe('separable 4x1');
  expect(chosen(inception, area)).toBe('merged 1x1');
  expect(chosen(lite, idleAdapter(lite, 1))).toBe('merged 4x2');
  for (const geometry of [lite, inception]) expect(chosen(geometry, randomAdapter(1))).toBe('two convolutions 4x2');
  const far = geometryOf(150, 150, [7, 3], [7, 2], 'zero');
  expect(chosen(far, randomAdapter(1))).toBe('two convolutions 1x1');
  // Blocks are for CPUs.
  expect(chosen(lite, bicubic, false)).toBe('merged 1x1');
  expect(chosen(lite, randomAdapter(1), false)).toBe('two convolutions 1x1');
});
