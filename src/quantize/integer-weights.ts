/** Weights as int8 with one scale for each output, symmetric. */
import { at, elementCount } from '../autodiff/tensor-type.ts';
import type { Weighted } from './steps.ts';

export interface IntegerWeights {
  readonly values: Int8Array<ArrayBuffer>;
  /** One for each output. */
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Without VNNI, onnxruntime multiplies uint8 by int8 with VPMADDUBSW, whose sums of two products saturate at 16 bits:
 * 2 · 255 · 64 does not. Depthwise convolutions have kernels of their own, which do not saturate.
 */
export function weightLimit({ depthwise }: Pick<Weighted, 'depthwise'>): number {
  return depthwise ? 127 : 64;
}

/** `inputScale`: of the activations; no scale gets so small that the bias leaves int32. */
export function integerWeights(layer: Weighted, inputScale: number): IntegerWeights {
  const { weights, bias, axis } = layer;
  const limit = weightLimit(layer);
  const outputs = weights.dims[axis] ?? 1;
  const source = weights.data as Float32Array;
  const channel = channelOf(weights.dims, axis);
  const largest = new Float64Array(outputs);
  for (let i = 0; i < source.length; i++) {
    const c = channel(i);
    largest[c] = Math.max(at(largest, c), Math.abs(at(source, i)));
  }
  const scales = Float32Array.from(largest, (most, c) => {
    const least = Math.abs(bias ? Number(bias.data[c]) : 0) / (inputScale * 2 ** 30);
    return Math.max(most / limit, least, 1e-12);
  });
  const values = Int8Array.from(source, (value, i) => {
    return Math.min(limit, Math.max(-limit, Math.round(value / at(scales, channel(i)))));
  });
  return { values, scales };
}

/** The output that an element of the weights belongs to. */
export function channelOf(dims: readonly number[], axis: number): (index: number) => number {
  const inner = elementCount(dims.slice(axis + 1));
  const count = dims[axis] ?? 1;
  return (index) => Math.floor(index / inner) % count;
}
