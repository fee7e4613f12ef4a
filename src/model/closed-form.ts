/** The adapter that equals the resize a classifier was trained with, from no data at all. */
import type { AdapterWeights } from './adapter.ts';
import { factorise, type Factors } from './factorise.ts';
import type { Geometry } from './geometry.ts';
import type { Kernel } from './kernel.ts';
import { taps } from './strides.ts';

export interface ClosedForm {
  readonly weights: AdapterWeights;
  /** Equal to the resize up to rounding, for pixels of 0 to 1, at the borders that the padding makes. */
  readonly exact: boolean;
  /** Expected root mean square difference from the resize on natural images, in units of 1/255; 0 where exact. */
  readonly rms: number;
}

/**
 * Sets the 528 so that the front end is `kernel`'s resize from the grid to the classifier's input.
 *
 * Both convolutions keep the channels apart; their kernels are outer products, K1 = a_y·a_xᵀ and
 * K2 = b_y·b_xᵀ. Where a kernel has negative lobes, conv1's bias lifts the values by the lobes'
 * mass β so that the first ReLU never acts, and conv2's takes β·ΣK2 off again; the second ReLU
 * is then the resize's own clamp at black. Values above 1 are not clamped.
 */
export function closedForm({ strides, padding }: Geometry, kernel: Kernel): ClosedForm {
  const x = factorise(kernel, strides.x, padding);
  const y = factorise(kernel, strides.y, padding);
  const first = outer(y.a, x.a);
  const second = outer(y.b, x.b);
  const lift = liftOf(first);
  const gain = second.reduce((sum, value) => sum + value, 0);
  const exact = x.exact && y.exact;
  return {
    weights: {
      conv1Weight: perChannel(first, taps[0]),
      conv1Bias: new Float32Array(3).fill(lift),
      conv2Weight: perChannel(second, taps[1]),
      conv2Bias: new Float32Array(3).fill(-lift * gain),
    },
    exact,
    rms: exact ? 0 : rmsDifference(x, y),
  };
}

/** Mass of the negative weights, rounded up so that bias plus these weights is never below 0. */
function liftOf(kernel: readonly number[]): number {
  const mass = kernel.reduce((total, value) => total - Math.min(0, Math.fround(value)), 0);
  return Math.fround(mass * (1 + 2 ** -22));
}

function outer(column: readonly number[], row: readonly number[]): number[] {
  return column.flatMap((y) => row.map((x) => y * x));
}

/** [3, 3, side, side] with the same kernel on the diagonal of the channels. */
function perChannel(kernel: readonly number[], side: number): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(9 * side * side);
  for (const channel of [0, 1, 2]) weights.set(kernel, 4 * channel * side * side);
  return weights;
}

/** Standard deviation of natural images' brightness, on the scale of 0 to 255. */
const signalDeviation = 0.25 * 255;

/** σ·√(‖h_y h_xᵀ − t_y t_xᵀ‖²) in the norm of the images' correlation, which is separable too. */
function rmsDifference(x: Factors, y: Factors): number {
  const square = y.energy.own * x.energy.own - 2 * y.energy.cross * x.energy.cross + y.energy.target * x.energy.target;
  return signalDeviation * Math.sqrt(Math.max(0, square));
}
