/** The weights of a convolution, in double precision until they become constants of a graph. */
import type { AdapterWeights } from '../adapter.ts';
import { taps } from '../strides.ts';

export interface Kernels {
  /** Channels that come out, and that go in. */
  readonly outputs: number;
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
  /** [outputs, inputs, height, width], row-major. */
  readonly weights: Float64Array;
  /** [outputs] */
  readonly bias: Float64Array;
}

export function noKernels(size: Omit<Kernels, 'weights' | 'bias'>): Kernels {
  const { outputs, inputs, height, width } = size;
  return {
    ...size,
    weights: new Float64Array(outputs * inputs * height * width),
    bias: new Float64Array(outputs),
  };
}

/** Of an adapter's first or second convolution. */
export function layerKernels(adapter: AdapterWeights, layer: 0 | 1): Kernels {
  return {
    outputs: 3,
    inputs: 3,
    height: taps[layer],
    width: taps[layer],
    weights: Float64Array.from(layer === 0 ? adapter.conv1Weight : adapter.conv2Weight),
    bias: Float64Array.from(layer === 0 ? adapter.conv1Bias : adapter.conv2Bias),
  };
}

/** Told each weight that is not 0, and where it is. */
export function forEachWeight(
  { weights, inputs, height, width }: Kernels,
  visit: (weight: number, output: number, input: number, row: number, column: number) => void,
): void {
  weights.forEach((weight, i) => {
    if (weight === 0) return;
    const rows = Math.floor(i / width);
    const channels = Math.floor(rows / height);
    visit(weight, Math.floor(channels / inputs), channels % inputs, rows % height, i % width);
  });
}

/** Adds to one weight. */
export function addWeight(
  { weights, inputs, height, width }: Kernels,
  weight: number,
  output: number,
  input: number,
  row: number,
  column: number,
): void {
  const at = ((output * inputs + input) * height + row) * width + column;
  weights[at] = (weights[at] ?? NaN) + weight;
}
