/**
 * The gradient of a two-dimensional convolution with respect to its weights, as one matrix product:
 *
 * ∂w[o, c, i, k] = Σ g[n, o, p, q]·x[n, c, stride·p + dilation·i − begin, stride′·q + dilation′·k − begin′].
 *
 * With stride s, a tap at s·m + r meets phase r of x (every s-th element from r on) m places further. The rows'
 * places m are laid out from x, the columns' from g: a 7×7 kernel then needs 7 copies of each and not 49 of x,
 * and both sides of the product are some rows high.
 */
import { ints } from '../../onnx/build.ts';
import { dataType } from '../../onnx/model.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { at } from '../tensor-type.ts';
import type { Window } from '../windows.ts';
import type { ConvGradient } from './conv-input.ts';

export function convWeightProduct(conv: ConvGradient, x: string, rows: Window, columns: Window): string {
  const { builder: b, gradient, weights } = conv;
  const [outputs = 1, inputs = 1] = b.dims(weights);
  const left = flattened(b, movedGradients(b, gradient, places(columns)));
  const right = flattened(b, movedRows(b, phases(b, x, rows, columns), rows));
  const products = b.op('MatMul', [left, b.transpose(right, [0, 2, 1])]);
  const sum = b.reduceSum(products, [0], { keepdims: false });
  const parts = b.reshape(sum, [outputs, places(columns), inputs, columns.stride, rows.stride, places(rows)]);
  const ordered = b.transpose(parts, [0, 2, 5, 4, 1, 3]);
  const taps = b.reshape(ordered, [outputs, inputs, places(rows) * rows.stride, places(columns) * columns.stride]);
  return takenTaps(b, taps, rows, columns);
}

/** How many places m the taps of one phase have. */
function places({ span, stride }: Window): number {
  return Math.ceil(span / stride);
}

/** Rows (columns) of a phase that the taps reach. */
function reach(window: Window): number {
  return window.output + places(window) - 1;
}

/**
 * [N, C_out, p, q] → [N, C_out·places, p, reach]: g moved to the right by 0, 1, …
 *
 * A convolution with a single 1 in each kernel: it writes all of them at once, and in parallel, as slices do not.
 */
function movedGradients(b: GraphBuilder, gradient: string, count: number): string {
  if (count === 1) return gradient;
  const channels = at(b.dims(gradient), 1);
  const kernel = Float32Array.from({ length: channels * count * count }, (_, i) => {
    const move = Math.floor(i / count) % count;
    return i % count === count - 1 - move ? 1 : 0;
  });
  return b.op('Conv', [gradient, b.constant(kernel, [channels * count, 1, 1, count])], {
    group: { kind: 'int', value: channels },
    pads: ints(0, count - 1, 0, count - 1),
  });
}

/** [N, C_in, H, W] → [N, C_in·s′·s, reach, reach′]: padded, the elements of a phase together. */
function phases(b: GraphBuilder, x: string, rows: Window, columns: Window): string {
  const after = (window: Window) => reach(window) * window.stride - window.begin - window.input;
  const padded = b.pad(x, [0, 0, rows.begin, columns.begin], [0, 0, after(rows), after(columns)]);
  // Columns, then whole rows: two transpositions that engines have loops for, where one for both is slower.
  const [batch = 1, channels = 1, height = 1] = b.dims(padded);
  const apart = b.reshape(padded, [batch, channels, height, reach(columns), columns.stride]);
  const columnsTogether = columns.stride === 1 ? apart : b.transpose(apart, [0, 1, 4, 2, 3]);
  const count = channels * columns.stride;
  const rowsApart = b.reshape(columnsTogether, [batch, count, reach(rows), rows.stride, reach(columns)]);
  const together = rows.stride === 1 ? rowsApart : b.transpose(rowsApart, [0, 1, 3, 2, 4]);
  return b.reshape(together, [batch, count * rows.stride, reach(rows), reach(columns)]);
}

/** [N, C, reach, reach′] → [N, C, places, p, reach′]: the rows from 0, 1, … on. */
function movedRows(b: GraphBuilder, x: string, rows: Window): string {
  const count = places(rows);
  if (count === 1) return x;
  const taken = Array.from({ length: count * rows.output }, (_, i) => Math.floor(i / rows.output) + (i % rows.output));
  return b.op('Gather', [x, b.constant(taken, [count, rows.output], dataType.int64)], {
    axis: { kind: 'int', value: 2 },
  });
}

/** [N, C…, p, q] → [N, C…, p·q] */
function flattened(b: GraphBuilder, x: string): string {
  const dims = b.dims(x);
  return b.reshape(x, [at(dims, 0), -1, at(dims, -2) * at(dims, -1)]);
}

/** Every dilation-th element within the spans: the others belong to no tap. */
function takenTaps(b: GraphBuilder, taps: string, rows: Window, columns: Window): string {
  const [, , height, width] = b.dims(taps);
  if (height === rows.kernel && width === columns.kernel) return taps;
  const ends = b.int64s([rows.span, columns.span]);
  return b.op('Slice', [taps, b.int64s([0, 0]), ends, b.int64s([2, 3]), b.int64s([rows.dilation, columns.dilation])]);
}
