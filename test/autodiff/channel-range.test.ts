/** Concat's gradient: its parts are computed part by part, whatever they are made by. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradientGraph } from '../../src/autodiff/gradient.ts';
import { GraphBuilder } from '../../src/autodiff/graph-builder.ts';
import { floats, int, ints } from '../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../src/onnx/model.ts';
import { expectModelGradients, values, type Values } from './support.ts';

const size = 4;

/** Weights as they are stored: floats; or integers, with one scale for all or one for each output or each input. */
type Storage = 'float' | 'scale' | 'outputs' | 'inputs';

function weights(
  b: GraphBuilder,
  [outputs, inputs, kernel]: readonly [number, number, number],
  stored: Storage,
): string {
  const dims = [outputs, inputs, kernel, kernel];
  const count = outputs * inputs * kernel ** 2;
  const data = Array.from({ length: count }, (_, i) => ((i * 7) % 11) - 5);
  if (stored === 'float')
    return b.constant(
      Float32Array.from(data, (value) => value / 8),
      dims,
    );
  const scales = { scale: 1, outputs, inputs }[stored];
  return b.dequantize({
    values: { name: 'w', dataType: dataType.int8, dims, data: Int8Array.from(data) },
    scale: floats(
      's',
      Array.from({ length: scales }, (_, i) => (i + 1) / 16),
      stored === 'scale' ? [] : [scales],
    ),
    zero: undefined,
    axis: stored === 'inputs' ? 1 : 0,
  });
}

interface Block {
  readonly parts: readonly Values[];
  readonly kernel: number;
  readonly stored: Storage;
  readonly countPads: number;
  /** Whether the pooling is an output beside the sum. */
  readonly shown: boolean;
}

/** Parts side by side; behind them a convolution, a pooling with a 1×1 convolution behind it, and the sum of both. */
function inceptionBlock({ parts, kernel, stored, countPads, shown }: Block): GraphModel {
  const b = GraphBuilder.empty();
  const inputs = parts.map(({ dims }, i) => b.input(`x${String(i)}`, dims));
  const x = b.op('Concat', inputs, { axis: int(-3) });
  const channels = b.dims(x)[1]!;
  const around = { pads: ints(...Array<number>(4).fill((kernel - 1) / 2)) };
  const convolved = b.op('Conv', [x, weights(b, [3, channels, kernel], stored)], around);
  const pooled = b.op('AveragePool', [x], {
    kernel_shape: ints(3, 3),
    pads: ints(1, 1, 1, 1),
    count_include_pad: int(countPads),
  });
  const projected = b.op('Conv', [pooled, weights(b, [3, channels, 1], stored)]);
  const sum = b.alias(b.add(convolved, projected), 'y');
  return b.model(shown ? [sum, b.alias(pooled, 'pooled')] : [sum]);
}

const block = fc
  .record({
    channels: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    kernel: fc.constantFrom(1, 3),
    stored: fc.constantFrom<Storage>('float', 'scale', 'outputs', 'inputs'),
    countPads: fc.constantFrom(0, 1),
    shown: fc.boolean(),
  })
  .chain(({ channels, ...rest }) =>
    fc.tuple(...channels.map((count) => values([1, count, size, size]))).map((parts) => ({ parts, ...rest })),
  );

describe('parts of a Concat along channels', () => {
  test('get the gradients that finite differences tell', async () => {
    await fc.assert(
      fc.asyncProperty(block, (one) =>
        expectModelGradients(inceptionBlock(one), one.parts, { precision: 'float', step: 0.5 }),
      ),
      { numRuns: 30 },
    );
  });

  test('are not cut out of a whole', () => {
    const dims = [1, 8, size, size];
    const parts = [0, 1].map(() => ({ dims, data: new Float64Array(8 * size * size) }));
    const model = inceptionBlock({ parts, kernel: 3, stored: 'outputs', countPads: 0, shown: false });
    const { nodes } = gradientGraph(model, { result: { y: 'cotangent' }, withRespectTo: ['x0', 'x1'] });
    expect(nodes.map(({ opType }) => opType)).not.toContain('Slice');
  });
});
