/**
 * The gradient of a two-dimensional convolution with respect to its weights, as one matrix product:
 *
 * ∂w[o, c, i, k] = Σ g[n, o, p, q]·x[n, c, stride·p + dilation·i − begin, stride′·q + dilation′·k − begin′].
 *
 * The taps of one axis are laid out from x, those of the other from g: a 7×7 kernel then needs 7 copies of each
 * and not 49 of x, and both sides of the product are some rows high. Along the columns, with stride s′, a tap at
 * s′·m + r is phase r of x beside g moved by m.
 */
import { dataType, ints } from '../../onnx/model.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { at } from '../tensor-type.ts';
import type { Window } from '../windows.ts';
import type { ConvGradient } from './conv-input.ts';

export function convWeightProduct(conv: ConvGradient, x: string, rows: Window, columns: Window): string {
  const { builder: b, gradient, weights } = conv;
  const [outputs = 1, inputs = 1, height = 1, width = 1] = b.dims(weights);
  const moves = Math.ceil(columns.span / columns.stride);
  const length = columns.output + moves - 1;
  const left = flattened(b, movedGradients(b, gradient, moves));
  const right = flattened(b, rowTaps(b, columnPhases(b, x, rows, columns, length), rows));
  const products = b.op('MatMul', [left, b.transpose(right, [0, 2, 1])]);
  const sum = b.reduceSum(products, [0], { keepdims: false });
  // [outputs·moves, phases·inputs·height] → [outputs, inputs, height, moves·phases]
  const parts = b.reshape(sum, [outputs, moves, columns.stride, inputs, height]);
  const ordered = b.transpose(parts, [0, 3, 4, 1, 2]);
  const taps = b.reshape(ordered, [outputs, inputs, height, moves * columns.stride]);
  if (moves * columns.stride === width) return taps;
  const vector = (value: number) => b.int64s([value]);
  return b.op('Slice', [taps, vector(0), vector(columns.span), vector(3), vector(columns.dilation)]);
}

/**
 * [N, C_out, p, q] → [N, C_out·moves, p, q + moves − 1]: g moved to the right by 0, 1, …
 *
 * A convolution with a single 1 in each kernel: it writes all of them at once, and in parallel, as slices do not.
 */
function movedGradients(b: GraphBuilder, gradient: string, moves: number): string {
  if (moves === 1) return gradient;
  const channels = at(b.dims(gradient), 1);
  const kernel = Float32Array.from({ length: channels * moves * moves }, (_, i) => {
    const move = Math.floor(i / moves) % moves;
    return i % moves === moves - 1 - move ? 1 : 0;
  });
  return b.op('Conv', [gradient, b.constant(kernel, [channels * moves, 1, 1, moves])], {
    group: { kind: 'int', value: channels },
    pads: ints(0, moves - 1, 0, moves - 1),
  });
}

/** [N, C_in, H, W] → [N, s′·C_in, H padded, length]: padded, every s′-th column together. */
function columnPhases(b: GraphBuilder, x: string, rows: Window, columns: Window, length: number): string {
  const wide = length * columns.stride;
  const after = wide - columns.begin - columns.input;
  const padded = b.pad(x, [0, 0, rows.begin, columns.begin], [0, 0, rows.end, after]);
  if (columns.stride === 1) return padded;
  const [batch = 1, channels = 1, height = 1] = b.dims(padded);
  const split = b.reshape(padded, [batch, channels, height, length, columns.stride]);
  return b.reshape(b.transpose(split, [0, 4, 1, 2, 3]), [batch, columns.stride * channels, height, length]);
}

/** [N, C, H padded, length] → [N, C, height, p, length]: the rows that each tap meets. */
function rowTaps(b: GraphBuilder, x: string, { kernel, stride, dilation, output }: Window): string {
  const rows = Array.from({ length: kernel * output }, (_, i) => {
    return Math.floor(i / output) * dilation + (i % output) * stride;
  });
  return b.op('Gather', [x, b.constant(rows, [kernel, output], dataType.int64)], { axis: { kind: 'int', value: 2 } });
}

/** [N, C…, p, length] → [N, C·…, p·length] */
function flattened(b: GraphBuilder, x: string): string {
  const dims = b.dims(x);
  return b.reshape(x, [at(dims, 0), -1, at(dims, -2) * at(dims, -1)]);
}
