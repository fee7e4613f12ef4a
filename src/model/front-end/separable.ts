/**
 * Columns, then rows: for resizes, and for resizes with a colour matrix behind them.
 *
 * Of k × k taps k + k are left. The columns are filtered in phases, all three colours to all three, so that a colour
 * matrix costs nothing; the rows then each by itself, the phases of the columns being channels still.
 */
import { floats, int, ints, node } from '../../onnx/build.ts';
import { beyond, type Axis, type Window } from './axis.ts';
import type { Composite } from './composite.ts';
import { convolvePixels } from './convolve-pixels.ts';
import { blockedCost, depthwiseCost } from './cost.ts';
import { noKernels, type Kernels } from './kernels.ts';
import type { FormOptions } from './options.ts';
import { kernelsInPhases, pictureFromPhases, windowInPhases, type Phases } from './phases.ts';
import { joined, type Piece } from './piece.ts';

/** W[o, c, u, v] = column[o, c, u] · row[o, v] */
export interface Separated {
  /** [3, 3, height, 1], without bias. */
  readonly columns: Kernels;
  /** [3, width] */
  readonly rows: Float64Array;
  readonly bias: Float64Array;
  readonly window: Window;
}

/** What a pixel may differ by at most, whatever the picture: a step of 8 bits is 0.004. */
const tolerance = 5e-7;

/** `undefined` where the kernels of some output are no outer product. */
export function separated({ kernels, window }: Composite): Separated | undefined {
  const { height, width, inputs, outputs, bias } = kernels;
  const columns = noKernels({ outputs, inputs, height, width: 1 });
  const rows = new Float64Array(outputs * width);
  for (let output = 0; output < outputs; output++) {
    const matrix = kernels.weights.subarray(output * inputs * height * width, (output + 1) * inputs * height * width);
    const column = columns.weights.subarray(output * inputs * height, (output + 1) * inputs * height);
    const row = rows.subarray(output * width, (output + 1) * width);
    factorise(matrix, column, row);
    const mass = matrix.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const rest = matrix.reduce((sum, weight, i) => {
      return sum + Math.abs(weight - (column[Math.floor(i / width)] ?? NaN) * (row[i % width] ?? NaN));
    }, 0);
    if (!(rest <= tolerance * Math.min(1, mass))) return undefined;
  }
  return { columns, rows, bias, window };
}

/** matrix ≈ column · rowᵀ: the largest of its rows, then each in turn the least squares of the other. */
function factorise(matrix: Float64Array, column: Float64Array, row: Float64Array): void {
  const width = row.length;
  const line = (i: number) => matrix.subarray(i * width, (i + 1) * width);
  const energies = Array.from(column, (_, i) => dot(line(i), line(i)));
  const largest = energies.indexOf(Math.max(...energies));
  if (energies[largest] === 0) return;
  row.set(line(largest));
  for (let sweep = 0; sweep < 2; sweep++) {
    column.forEach((_, i) => (column[i] = dot(line(i), row) / dot(row, row)));
    const energy = dot(column, column);
    row.forEach(
      (_, j) => (row[j] = column.reduce((sum, value, i) => sum + value * (matrix[i * width + j] ?? NaN), 0) / energy),
    );
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
}

/** Rows of the image that are computed together; there are columns of the grid enough for any. */
export const separablePhases: Phases = { y: 4, x: 1 };
const phases = separablePhases;

/** Taking the phases apart again. */
const turning = 100;

/** For each pixel of the image. */
export function separableCost({ window: { y, x } }: Separated): number {
  const columns = blockedCost(3 * phases.y, 3, y.taps + (phases.y - 1) * y.stride) * x.stride;
  return (columns + depthwiseCost(3 * phases.y, x.taps)) / phases.y + turning;
}

export function separableForm({ columns, rows, bias, window }: Separated, options: FormOptions): Piece {
  const kernels = kernelsInPhases(columns, window, phases);
  const { y } = windowInPhases(window, phases);
  const filtered = convolvePixels({ y, x: untouched(window.x, options) }, kernels, { ...options, relu: false });
  const across = filterRows(filtered.output, kernels.outputs, { columns, rows, bias, window }, options);
  return joined([filtered, across, pictureFromPhases(across.output, kernels.outputs, window, phases)]);
}

/** Each phase of a colour's columns by the row that belongs to the colour. */
function filterRows(
  input: string,
  channels: number,
  { rows, bias, window: { x } }: Separated,
  { padding }: FormOptions,
): Piece {
  const ofChannels = (values: Float64Array, length: number) =>
    Float64Array.from({ length: channels * length }, (_, i) => {
      return values[Math.floor(i / length / phases.y) * length + (i % length)] ?? 0;
    });
  const attributes = {
    group: int(channels),
    kernel_shape: ints(1, x.taps),
    strides: ints(1, x.stride),
    pads: padding === 'edge' ? ints(0, 0, 0, 0) : ints(0, x.before, 0, Math.max(0, beyond(x))),
  };
  return {
    output: 'rows',
    nodes: [
      node('Conv', [input, 'rows.weight', 'rows.bias'], ['rows.sum'], attributes),
      node('Relu', ['rows.sum'], ['rows']),
    ],
    initializers: [
      floats('rows.weight', ofChannels(rows, x.taps), [channels, 1, 1, x.taps]),
      floats('rows.bias', ofChannels(bias, 1)),
    ],
  };
}

/** Every column stays; beyond the border those are added that are repeated there. */
function untouched(axis: Axis, { padding }: FormOptions): Axis {
  const { size, before } = axis;
  const [left, right] = padding === 'edge' ? [before, Math.max(0, beyond(axis))] : [0, 0];
  return { size, outputs: left + size + right, taps: 1, stride: 1, before: left };
}
