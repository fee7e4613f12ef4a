/** Both convolutions as one, where the ReLU between them never acts. */
import type { Tensors } from '../engine/engine.ts';
import type { AdapterWeights } from './adapter.ts';
import type { Geometry } from './geometry.ts';
import { compositeTaps, samePads, taps } from './strides.ts';

/**
 * Feeds for `mergedFrontEndModel`, or `undefined` where the result would differ.
 *
 * Merging is exact where conv1's bias plus its negative weights is not below 0 in each channel, so
 * that pixels of 0 to 1 never reach the ReLU's bend, and, with zero padding, where conv2 uses no
 * sample beyond the border.
 */
export function mergeAdapter(weights: AdapterWeights, geometry: Geometry): Tensors | undefined {
  if (!firstReluIsIdle(weights) || !staysInside(weights, geometry)) return undefined;
  const [height, width] = [compositeTaps(geometry.strides.y), compositeTaps(geometry.strides.x)];
  return {
    'merged.weight': { data: mergedKernels(weights, geometry, height, width), dims: [3, 3, height, width] },
    'merged.bias': { data: mergedBias(weights), dims: [3] },
  };
}

/** Multiply-accumulates of the merged front end per frame; below `GeometryChoice.macs` it is worth while. */
export function mergedMacs({ strides, input }: Geometry): number {
  return 9 * compositeTaps(strides.x) * compositeTaps(strides.y) * input.width * input.height;
}

const channels = [0, 1, 2] as const;
const tapsOfSecond = [0, 1, 2] as const;

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
  const inside = (tap: number, axis: Geometry['strides']['x']) => {
    const before = samePads(axis)[1];
    return tap >= before && tap < before + axis[1];
  };
  return conv2Weight.every((weight, i) => {
    return weight === 0 || (inside(Math.floor(i / 3) % 3, strides.y) && inside(i % 3, strides.x));
  });
}

/** W[o, c, u, v] = Σ_m Σ_kl K2[o, m, k, l] · K1[m, c, u − s₁k, v − s₁l]. */
function mergedKernels(
  { conv1Weight, conv2Weight }: AdapterWeights,
  { strides }: Geometry,
  height: number,
  width: number,
): Float32Array<ArrayBuffer> {
  const merged = new Float64Array(9 * height * width);
  for (const output of channels) {
    for (const middle of channels) {
      for (const k of tapsOfSecond) {
        for (const l of tapsOfSecond) {
          const factor = conv2Weight[((output * 3 + middle) * 3 + k) * 3 + l] ?? 0;
          if (factor === 0) continue;
          addScaled(merged, conv1Weight.subarray(middle * 147, (middle + 1) * 147), factor, (channel, row, column) => {
            return ((output * 3 + channel) * height + row + strides.y[0] * k) * width + column + strides.x[0] * l;
          });
        }
      }
    }
  }
  return Float32Array.from(merged);
}

function addScaled(
  target: Float64Array,
  kernels: Float32Array,
  factor: number,
  place: (channel: number, row: number, column: number) => number,
): void {
  const [side] = taps;
  kernels.forEach((weight, i) => {
    const at = place(Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side);
    target[at] = (target[at] ?? 0) + factor * weight;
  });
}

function mergedBias({ conv1Bias, conv2Weight, conv2Bias }: AdapterWeights): Float32Array<ArrayBuffer> {
  return Float32Array.from(conv2Bias, (bias, output) => {
    return conv2Weight.subarray(output * 27, (output + 1) * 27).reduce((sum, weight, i) => {
      return sum + weight * (conv1Bias[Math.floor(i / 9)] ?? 0);
    }, bias);
  });
}
