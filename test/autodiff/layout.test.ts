/** Gradients of operators that move, sum or average elements. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { floats, int, int64s, ints, text } from '../../src/onnx/build.ts';
import type { Attribute } from '../../src/onnx/model.ts';
import { expectGradients, float, shape, values, type OperatorCase } from './support.ts';

const runs = { numRuns: 10 };

async function check(cases: fc.Arbitrary<Omit<OperatorCase, 'precision'>>, numRuns = runs.numRuns): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, (one) => expectGradients({ precision: 'double', ...one })),
    { numRuns },
  );
}

const axesOf = (rank: number) =>
  fc.subarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: 1 },
  );

describe('reductions', () => {
  const reduced = shape({ min: 1, max: 4 }).chain((dims) =>
    fc.record({ x: values(dims), axes: axesOf(dims.length), keepdims: fc.integer({ min: 0, max: 1 }) }),
  );
  test('ReduceMean', async () => {
    await check(
      reduced.map(({ x, axes, keepdims }) => ({
        opType: 'ReduceMean',
        inputs: [x],
        attributes: { axes: ints(...axes), keepdims: int(keepdims) },
      })),
    );
  });
  test('ReduceMean of opset 18', async () => {
    await check(
      reduced.map(({ x, axes, keepdims }) => ({
        opType: 'ReduceMean',
        inputs: [x],
        opset: 18,
        takes: ['x0', 'axes'],
        constants: [
          int64s(
            'axes',
            axes.map((axis) => axis - x.dims.length),
          ),
        ],
        attributes: { keepdims: int(keepdims) },
      })),
    );
  });
  test('ReduceSum', async () => {
    await check(
      reduced.map(({ x, axes, keepdims }) => ({
        opType: 'ReduceSum',
        inputs: [x],
        takes: ['x0', 'axes'],
        constants: [int64s('axes', axes)],
        attributes: { keepdims: int(keepdims) },
      })),
    );
  });
  test('ReduceSum of everything', async () => {
    await check(reduced.map(({ x }) => ({ opType: 'ReduceSum', inputs: [x], attributes: { keepdims: int(0) } })));
  });
  test('GlobalAveragePool', async () => {
    await fc.assert(
      fc.asyncProperty(
        shape(4).chain((dims) => values(dims)),
        (x) => expectGradients({ opType: 'GlobalAveragePool', inputs: [x], precision: 'float', step: 0.5 }),
      ),
      runs,
    );
  });
});

describe('shapes', () => {
  const any = shape({ min: 1, max: 4 }).chain((dims) => values(dims));
  test('Reshape', async () => {
    await check(
      any.map((x) => ({ opType: 'Reshape', inputs: [x], takes: ['x0', 's'], constants: [int64s('s', [0, -1, 1])] })),
    );
  });
  test('Flatten', async () => {
    await check(
      any.chain((x) =>
        fc
          .integer({ min: 0, max: x.dims.length })
          .map((axis) => ({ opType: 'Flatten', inputs: [x], attributes: { axis: int(axis) } })),
      ),
    );
  });
  test('Transpose', async () => {
    await check(
      any.chain((x) =>
        fc
          .shuffledSubarray(
            x.dims.map((_, axis) => axis),
            { minLength: x.dims.length },
          )
          .map((perm) => ({ opType: 'Transpose', inputs: [x], attributes: { perm: ints(...perm) } })),
      ),
    );
    await check(any.map((x) => ({ opType: 'Transpose', inputs: [x] })));
  });
  test('Squeeze and Unsqueeze', async () => {
    const x = values([2, 1, 3, 1]);
    const axes = (list: number[]) => ({ takes: ['x0', 'axes'], constants: [int64s('axes', list)] });
    await check(
      x.map((one) => ({ opType: 'Squeeze', inputs: [one] })),
      2,
    );
    await check(
      x.map((one) => ({ opType: 'Squeeze', inputs: [one], ...axes([-1]) })),
      2,
    );
    await check(
      x.map((one) => ({ opType: 'Unsqueeze', inputs: [one], ...axes([0, -1, 3]) })),
      2,
    );
  });
  test('Expand', async () => {
    await check(
      values([3, 1]).map((x) => ({
        opType: 'Expand',
        inputs: [x],
        takes: ['x0', 's'],
        constants: [int64s('s', [2, 1, 4])],
      })),
      3,
    );
  });
});

describe('parts', () => {
  test('Concat', async () => {
    const parts = shape({ min: 1, max: 3 }).chain((dims) =>
      fc
        .tuple(
          fc.nat({ max: dims.length - 1 }),
          fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
        )
        .chain(([axis, sizes]) =>
          fc.tuple(
            fc.constantFrom(axis, axis - dims.length),
            ...sizes.map((size) => values(dims.map((dim, i) => (i === axis ? size : dim)))),
          ),
        ),
    );
    await check(parts.map(([axis, ...inputs]) => ({ opType: 'Concat', inputs, attributes: { axis: int(axis) } })));
  });
  test('Split, in given and in equal parts', async () => {
    await check(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }).chain((sizes) =>
        values([2, sizes.reduce((a, b) => a + b, 0), 2]).map((x) => ({
          opType: 'Split',
          inputs: [x],
          outputs: sizes.length,
          takes: ['x0', 'sizes'],
          constants: [int64s('sizes', sizes)],
          attributes: { axis: int(1) },
        })),
      ),
    );
    await check(
      values([2, 6]).map((x) => ({ opType: 'Split', inputs: [x], outputs: 3, attributes: { axis: int(-1) } })),
      3,
    );
  });
  test('Slice: any bounds, steps and directions', async () => {
    const bound = fc.integer({ min: -9, max: 9 });
    const one = fc
      .record({
        starts: fc.tuple(bound, bound),
        ends: fc.tuple(bound, bound),
        steps: fc.tuple(step, step),
        x: values([5, 2, 7]),
      })
      .filter(
        ({ starts, ends, steps }) =>
          length(5, starts[0], ends[0], steps[0]) * length(7, starts[1], ends[1], steps[1]) > 0,
      )
      .map(({ starts, ends, steps, x }) => ({
        opType: 'Slice',
        inputs: [x],
        takes: ['x0', 'starts', 'ends', 'axes', 'steps'],
        constants: [int64s('starts', starts), int64s('ends', ends), int64s('axes', [0, -1]), int64s('steps', steps)],
      }));
    await check(one, 40);
  });
});

const step = fc.constantFrom(-3, -2, -1, 1, 2, 3);

/** As Python slices count. */
function length(size: number, start: number, end: number, by: number): number {
  const inside = (i: number) => (i < 0 ? i + size : i);
  let count = 0;
  const from = by > 0 ? Math.max(inside(start), 0) : Math.min(inside(start), size - 1);
  for (let i = from; by > 0 ? i < Math.min(inside(end), size) : i > Math.max(inside(end), -1); i += by) count++;
  return from < 0 || from >= size ? 0 : count;
}

describe('Pad', () => {
  const pads = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 });
  for (const mode of ['constant', 'edge', 'reflect']) {
    test(mode, async () => {
      await check(
        fc.tuple(values([3, 4, 3]), pads).map(([x, amounts]) => ({
          opType: 'Pad',
          inputs: [x],
          takes: ['x0', 'pads'],
          constants: [int64s('pads', amounts)],
          attributes: { mode: text(mode) },
        })),
      );
    });
  }
  test('constant, taking away', async () => {
    await check(
      values([4, 5]).map((x) => ({
        opType: 'Pad',
        inputs: [x],
        takes: ['x0', 'pads'],
        constants: [int64s('pads', [-1, 2, 1, -2])],
      })),
      3,
    );
  });
});

describe('Resize', () => {
  const transformations = ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'];
  const modes: Record<string, Attribute>[] = [
    ...transformations.map((mode) => ({ mode: text('linear'), coordinate_transformation_mode: text(mode) })),
    ...transformations.flatMap((mode) =>
      ['round_prefer_floor', 'floor', 'ceil', 'round_prefer_ceil'].map((rounding) => ({
        mode: text('nearest'),
        coordinate_transformation_mode: text(mode),
        nearest_mode: text(rounding),
      })),
    ),
  ];
  test('of a coordinate just below a half', async () => {
    // 1 ÷ float32(2 ÷ 7) is 3.4999998; the engine takes element 4.
    await expectGradients({
      opType: 'Resize',
      inputs: [fc.sample(values([1, 1, 1, 7]), { numRuns: 1, seed: 1 })[0]!],
      takes: ['x0', '', '', 'sizes'],
      constants: [int64s('sizes', [1, 1, 1, 2])],
      attributes: {
        mode: text('nearest'),
        coordinate_transformation_mode: text('asymmetric'),
        nearest_mode: text('round_prefer_ceil'),
      },
      precision: 'float',
      step: 0.5,
    });
  });
  const side = fc.integer({ min: 1, max: 7 });
  test('to sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, side, side, side),
        fc.constantFrom(...modes),
        async ([h, w, H, W], attributes) => {
          const x = fc.sample(values([1, 2, h, w]), { numRuns: 1, seed: h })[0]!;
          const constants = [int64s('sizes', [1, 2, H, W])];
          const takes = ['x0', '', '', 'sizes'];
          await expectGradients({
            opType: 'Resize',
            inputs: [x],
            takes,
            constants,
            attributes,
            precision: 'float',
            step: 0.5,
          });
        },
      ),
      { numRuns: 40 },
    );
  });
  test('by scales', async () => {
    const scale = fc.constantFrom(0.5, 1, 1.5, 2, 3);
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(scale, scale),
        fc.constantFrom(...modes),
        values([2, 1, 4, 6]),
        async ([a, b], attributes, x) => {
          const constants = [floats('scales', [1, 1, a, b])];
          const takes = ['x0', '', 'scales'];
          await expectGradients({
            opType: 'Resize',
            inputs: [x],
            takes,
            constants,
            attributes,
            precision: 'float',
            step: 0.5,
          });
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('products', () => {
  test('MatMul: vectors, matrices and broadcast batches', async () => {
    const shapes = fc.constantFrom(
      [[3], [3]],
      [[3], [3, 2]],
      [[2, 3], [3]],
      [
        [2, 3],
        [3, 4],
      ],
      [
        [2, 2, 3],
        [3, 4],
      ],
      [
        [2, 3],
        [2, 3, 4],
      ],
      [
        [2, 1, 2, 3],
        [4, 3, 2],
      ],
      [[3], [2, 3, 4]],
      [[2, 4, 3], [3]],
    );
    await check(
      shapes.chain(([a, b]) => fc.tuple(values(a), values(b))).map((inputs) => ({ opType: 'MatMul', inputs })),
      30,
    );
  });
  test('Gemm: transposed or not, scaled, with a bias of any shape or none', async () => {
    const flag = fc.integer({ min: 0, max: 1 });
    const one = fc
      .record({ transA: flag, transB: flag, bias: fc.constantFrom(undefined, [4], [1, 4], [2, 1], [2, 4], [1]) })
      .chain(({ transA, transB, bias }) =>
        fc
          .tuple(values(transA ? [3, 2] : [2, 3]), values(transB ? [4, 3] : [3, 4]), ...(bias ? [values(bias)] : []))
          .map((inputs) => ({
            opType: 'Gemm',
            inputs,
            attributes: { transA: int(transA), transB: int(transB), alpha: float(0.5), beta: float(bias ? 2 : 1) },
          })),
      );
    await check(one, 25);
  });
});

describe('normalisation', () => {
  test('BatchNormalization with fixed statistics: all five inputs', async () => {
    const one = shape({ min: 2, max: 4 }).chain((dims) => {
      const channels = [dims[1]!];
      return fc.tuple(
        values(dims),
        values(channels),
        values(channels),
        values(channels),
        values(channels, { positive: true }),
      );
    });
    await check(one.map((inputs) => ({ opType: 'BatchNormalization', inputs, attributes: { epsilon: float(0.125) } })));
  });
  test('LayerNormalization over the last axes', async () => {
    const one = fc.constantFrom(-1, 1, 2).chain((axis) =>
      fc.tuple(values([2, 3, 4]), ...[0, 1].map(() => values([2, 3, 4].slice(axis)))).map((inputs) => ({
        opType: 'LayerNormalization',
        inputs,
        attributes: { axis: int(axis), epsilon: float(0.125) },
      })),
    );
    await check(one);
  });
});
