/** Front ends that run, and geometries of any strides, for tests. */
import type { Tensor, Tensors } from '../../src/engine/engine.ts';
import { toTensors, type AdapterWeights } from '../../src/model/adapter.ts';
import type { Geometry } from '../../src/model/geometry.ts';
import type { Padding, Strides } from '../../src/model/strides.ts';
import { inlineEngine } from './inline-engine.ts';

export const allStrides = [1, 2, 3, 4, 5, 6, 7].flatMap((first) => [1, 2, 3].map((second): Strides => [first, second]));

export function geometryOf(columns: number, rows: number, x: Strides, y: Strides, padding: Padding): Geometry {
  return {
    mode: 'native',
    input: { width: columns, height: rows },
    strides: { x, y },
    grid: { width: columns * x[0] * x[1], height: rows * y[0] * y[1] },
    padding,
  };
}

/** Runs a front end for fitting once: its first input gets `pixels`, the others the adapter. */
export function runFrontEnd(model: Uint8Array, pixels: Tensor, weights: AdapterWeights): Promise<Float32Array> {
  return runOnce(model, pixels, toTensors(weights));
}

/** Runs a graph that makes an image once: its first input gets `pixels`. */
export async function runOnce(model: Uint8Array, pixels: Tensor, others: Tensors = {}): Promise<Float32Array> {
  const graph = await inlineEngine().load(model);
  try {
    const { outputs } = await graph.run({ [graph.inputNames[0]!]: pixels, ...others });
    return outputs['image']!.data as Float32Array;
  } finally {
    await graph.release();
  }
}

/** Numbers from 0 (included) to 1 (excluded): Mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An adapter whose ReLUs act here and there, every value used. */
export function randomAdapter(seed: number): AdapterWeights {
  const random = randomNumbers(seed);
  const fill = (length: number, scale: number, offset: number) =>
    Float32Array.from({ length }, () => (random() - offset) * scale);
  return {
    conv1Weight: fill(441, 0.1, 0.45),
    conv1Bias: fill(3, 0.2, 0.5),
    conv2Weight: fill(81, 0.3, 0.4),
    conv2Bias: fill(3, 0.2, 0.5),
  };
}
