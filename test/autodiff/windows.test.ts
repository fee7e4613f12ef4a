/** Gradients of convolutions and poolings: strides, dilations, groups, pads on either side, automatic pads. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { int, ints, text } from '../../src/onnx/build.ts';
import type { Attribute } from '../../src/onnx/model.ts';
import { expectGradients, quarters, values } from './support.ts';

/** Convolution and mean are linear: with a large step float32 is exact, or exact enough. */
const linear = { precision: 'float', step: 0.5 } as const;

const small = (min: number, max: number) => fc.integer({ min, max });

/** One spatial axis: what a window may do there. */
const axis = fc
  .record({ kernel: small(1, 4), stride: small(1, 3), dilation: small(1, 2), extra: small(0, 4) })
  .chain((one) =>
    fc.record({ begin: small(0, one.kernel - 1), end: small(0, one.kernel - 1) }).map((pads) => {
      const span = one.dilation * (one.kernel - 1) + 1;
      return { ...one, ...pads, size: Math.max(1, span + one.extra - pads.begin - pads.end) };
    }),
  );

type Axis = typeof axis extends fc.Arbitrary<infer T> ? T : never;

const padding = (axes: readonly Axis[]): Record<string, Attribute> => ({
  pads: ints(...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)),
});

const windows = (axes: readonly Axis[]): Record<string, Attribute> => ({
  kernel_shape: ints(...axes.map(({ kernel }) => kernel)),
  strides: ints(...axes.map(({ stride }) => stride)),
});

const dilations = (axes: readonly Axis[]): Record<string, Attribute> => ({
  dilations: ints(...axes.map(({ dilation }) => dilation)),
});

const automatic = fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID');

describe('Conv: input, weights and bias', () => {
  const conv = (rank: number) =>
    fc
      .record({
        axes: fc.array(axis, { minLength: rank, maxLength: rank }),
        batch: small(1, 2),
        // Groups, inputs and outputs of each: plain, grouped and depthwise.
        channels: fc.constantFrom([1, 2, 3], [1, 3, 1], [2, 2, 1], [2, 1, 2], [3, 1, 1], [1, 1, 1]),
      })
      .chain(({ axes, batch, channels: [groups = 1, inputs = 1, outputs = 1] }) =>
        fc
          .tuple(
            quarters([batch, groups * inputs, ...axes.map(({ size }) => size)]),
            quarters([groups * outputs, inputs, ...axes.map(({ kernel }) => kernel)]),
            quarters([groups * outputs]),
          )
          .map((tensors) => ({ axes, tensors, groups })),
      );

  for (const rank of [1, 2, 3]) {
    test(`over ${String(rank)} axes`, async () => {
      await fc.assert(
        fc.asyncProperty(conv(rank), ({ axes, tensors, groups }) =>
          expectGradients({
            opType: 'Conv',
            inputs: tensors,
            attributes: { group: int(groups), ...windows(axes), ...padding(axes), ...dilations(axes) },
            ...linear,
          }),
        ),
        { numRuns: rank === 2 ? 40 : 10 },
      );
    });
  }

  test('with automatic pads', async () => {
    await fc.assert(
      fc.asyncProperty(conv(2), automatic, ({ axes, tensors, groups }, pads) => {
        const [x, ...rest] = tensors;
        const fits = axes.every(({ size, kernel }) => size >= kernel);
        fc.pre(pads !== 'VALID' || fits);
        return expectGradients({
          opType: 'Conv',
          inputs: [x, ...rest],
          attributes: { group: int(groups), ...windows(axes), auto_pad: text(pads) },
          ...linear,
        });
      }),
      { numRuns: 15 },
    );
  });

  test('with frozen weights, stored as floats', async () => {
    await fc.assert(
      fc.asyncProperty(conv(2), ({ axes, tensors: [x, w], groups }) =>
        expectGradients({
          opType: 'Conv',
          inputs: [x],
          takes: ['x0', 'w'],
          constants: [{ name: 'w', dataType: 1, dims: w.dims, data: Float32Array.from(w.data) }],
          attributes: { group: int(groups), ...windows(axes), ...padding(axes), ...dilations(axes) },
          ...linear,
        }),
      ),
      { numRuns: 25 },
    );
  });
});

describe('Conv by its input, phase by phase: strides over images of many channels', () => {
  const strided = fc
    .record({
      axes: fc.array(axis, { minLength: 2, maxLength: 2 }),
      // Groups, inputs and outputs of each: plain, grouped and depthwise.
      channels: fc.constantFrom([1, 8, 2], [2, 4, 1], [4, 2, 2], [8, 1, 1]),
    })
    .chain(({ axes, channels: [groups = 1, inputs = 1, outputs = 1] }) =>
      fc
        .tuple(
          quarters([1, groups * inputs, ...axes.map(({ size }) => size)]),
          quarters([groups * outputs, inputs, ...axes.map(({ kernel }) => kernel)]),
        )
        .map(([x, w]) => ({ axes, x, w, groups })),
    );

  for (const frozen of [true, false]) {
    test(frozen ? 'frozen weights' : 'weights that are fed', async () => {
      await fc.assert(
        fc.asyncProperty(strided, ({ axes, x, w, groups }) =>
          expectGradients({
            opType: 'Conv',
            ...(frozen
              ? {
                  inputs: [x],
                  takes: ['x0', 'w'],
                  constants: [{ name: 'w', dataType: 1, dims: w.dims, data: Float32Array.from(w.data) }],
                }
              : { inputs: [x, w] }),
            attributes: { group: int(groups), ...windows(axes), ...padding(axes), ...dilations(axes) },
            ...linear,
          }),
        ),
        { numRuns: 40 },
      );
    });
  }

  test('over one axis and over three', async () => {
    for (const rank of [1, 3]) {
      const image = fc
        .array(axis, { minLength: rank, maxLength: rank })
        .chain((axes) =>
          fc
            .tuple(
              quarters([1, 8, ...axes.map(({ size }) => size)]),
              quarters([1, 8, ...axes.map(({ kernel }) => kernel)]),
            )
            .map((inputs) => ({ axes, inputs })),
        );
      await fc.assert(
        fc.asyncProperty(image, ({ axes, inputs }) =>
          expectGradients({
            opType: 'Conv',
            inputs,
            attributes: { ...windows(axes), ...padding(axes), ...dilations(axes) },
            ...linear,
          }),
        ),
        { numRuns: 12 },
      );
    }
  });
});

describe('poolings', () => {
  const pool = fc
    .record({ axes: fc.tuple(axis, axis), batch: small(1, 2), channels: small(1, 3), ceil: small(0, 1) })
    .chain(({ axes, batch, channels, ceil }) =>
      values([batch, channels, ...axes.map(({ size }) => size)]).map((x) => ({ x, axes, ceil })),
    );

  test('MaxPool', async () => {
    await fc.assert(
      fc.asyncProperty(pool, ({ x, axes, ceil }) => {
        // A dilated window could lie in the padding alone, and has no maximum there.
        fc.pre(axes.every(({ dilation, begin, end }) => dilation === 1 || begin + end === 0));
        return expectGradients({
          opType: 'MaxPool',
          inputs: [x],
          attributes: { ...windows(axes), ...padding(axes), ...dilations(axes), ceil_mode: int(ceil) },
          precision: 'double',
        });
      }),
      { numRuns: 30 },
    );
  });

  for (const counted of [0, 1]) {
    test(`AveragePool, pads ${counted === 1 ? '' : 'not '}counted`, async () => {
      await fc.assert(
        fc.asyncProperty(pool, ({ x, axes, ceil }) =>
          expectGradients({
            opType: 'AveragePool',
            inputs: [x],
            attributes: {
              ...windows(axes.map((one) => one)),
              ...padding(axes),
              ceil_mode: int(ceil),
              count_include_pad: int(counted),
            },
            ...linear,
          }),
        ),
        { numRuns: 30 },
      );
    });
  }

  test('with automatic pads', async () => {
    await fc.assert(
      fc.asyncProperty(pool, automatic, fc.constantFrom('MaxPool', 'AveragePool'), ({ x, axes }, pads, opType) => {
        // onnxruntime refuses pools that would need negative padding.
        fc.pre(axes.every(({ size, kernel, stride }) => size >= kernel && kernel >= stride));
        return expectGradients({
          opType,
          inputs: [x],
          attributes: { ...windows(axes), auto_pad: text(pads) },
          ...(opType === 'MaxPool' ? { precision: 'double' } : linear),
        });
      }),
      { numRuns: 20 },
    );
  });
});
