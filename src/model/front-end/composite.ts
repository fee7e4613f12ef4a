/** Both convolutions as one, where the ReLU between them never acts. */
import type { AdapterWeights } from '../adapter.ts';
import type { Geometry } from '../geometry.ts';
import { samePads, taps, type Strides } from '../strides.ts';
import { compositeWindow, type Axis, type Window } from './axis.ts';
import { addWeight, forEachWeight, layerKernels, noKernels, type Kernels } from './kernels.ts';

/** One convolution, and where its kernels meet the grid. */
export interface Composite {
  readonly kernels: Kernels;
  readonly window: Window;
}

/**
 * Without the rows and columns of zeros around the kernels; `undefined` where the result would differ.
 *
 * Merging is exact where conv1's bias plus its negative weights is not below 0 in each channel, so
 * that pixels of 0 to 1 never reach the ReLU's bend, and, with zero padding, where conv2 uses no
 * sample beyond the border.
 *
 * W[o, c, u, v] = Σ_m Σ_kl K2[o, m, k, l] · K1[m, c, u − s₁k, v − s₁l]
 */
export function compositeOf(adapter: AdapterWeights, geometry: Geometry): Composite | undefined {
  if (!firstReluIsIdle(adapter) || !staysInside(adapter, geometry)) return undefined;
  const window = compositeWindow(geometry);
  const { strides } = geometry;
  const [first, second] = [layerKernels(adapter, 0), layerKernels(adapter, 1)];
  const composite = noKernels({ outputs: 3, inputs: 3, height: window.y.taps, width: window.x.taps });
  composite.bias.set(second.bias);
  forEachWeight(second, (factor, output, middle, k, l) => {
    composite.bias[output] = (composite.bias[output] ?? NaN) + factor * (first.bias[middle] ?? NaN);
    forEachWeight(first, (weight, from, channel, row, column) => {
      if (from !== middle) return;
      addWeight(composite, factor * weight, output, channel, row + strides.y[0] * k, column + strides.x[0] * l);
    });
  });
  return trimmed(composite, window);
}

function trimmed(kernels: Kernels, { y, x }: Window): Composite {
  const [rows, columns] = [new Set<number>(), new Set<number>()];
  forEachWeight(kernels, (_weight, _output, _input, row, column) => {
    rows.add(row);
    columns.add(column);
  });
  const [fromRow, toRow] = span(rows, y);
  const [fromColumn, toColumn] = span(columns, x);
  const smaller = noKernels({ ...kernels, height: toRow - fromRow, width: toColumn - fromColumn });
  smaller.bias.set(kernels.bias);
  forEachWeight(kernels, (weight, output, input, row, column) => {
    addWeight(smaller, weight, output, input, row - fromRow, column - fromColumn);
  });
  return {
    kernels: smaller,
    window: {
      y: { ...y, taps: smaller.height, before: y.before - fromRow },
      x: { ...x, taps: smaller.width, before: x.before - fromColumn },
    },
  };
}

/** Taps from the first to the last that is used, the one on the output's first pixel among them. */
function span(used: ReadonlySet<number>, { before }: Axis): readonly [from: number, to: number] {
  return [Math.min(before, ...used), Math.max(before, ...used) + 1];
}

const channels = [0, 1, 2] as const;

function firstReluIsIdle({ conv1Weight, conv1Bias }: AdapterWeights): boolean {
  const size = 3 * taps[0] ** 2;
  return channels.every((output) => {
    const negative = conv1Weight
      .subarray(output * size, (output + 1) * size)
      .reduce((sum, w) => sum + Math.min(0, w), 0);
    return (conv1Bias[output] ?? NaN) + negative >= 0;
  });
}

/** Samples between the convolutions that lie beyond the border are 0, not what conv1 would give there. */
function staysInside({ conv2Weight }: AdapterWeights, { strides, padding }: Geometry): boolean {
  if (padding === 'edge') return true;
  const inside = (tap: number, axis: Strides) => {
    const before = samePads(axis)[1];
    return tap >= before && tap < before + axis[1];
  };
  return conv2Weight.every((weight, i) => {
    return weight === 0 || (inside(Math.floor(i / 3) % 3, strides.y) && inside(i % 3, strides.x));
  });
}
