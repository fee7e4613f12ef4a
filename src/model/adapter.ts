/** The 528 values of a front end. */
import { createHash } from 'node:crypto';
import type { Tensor, Tensors } from '../engine/engine.ts';

/** Row-major, output channel first; channels are R, G, B; pixels are 0 to 1. */
export interface AdapterWeights {
  /** [3, 3, 7, 7] */
  readonly conv1Weight: Float32Array<ArrayBuffer>;
  /** [3] */
  readonly conv1Bias: Float32Array<ArrayBuffer>;
  /** [3, 3, 3, 3] */
  readonly conv2Weight: Float32Array<ArrayBuffer>;
  /** [3] */
  readonly conv2Bias: Float32Array<ArrayBuffer>;
}

/** Names as graph inputs and in adapter files, in the order of the network. */
export const adapterTensors = {
  'conv1.weight': { field: 'conv1Weight', dims: [3, 3, 7, 7], length: 441 },
  'conv1.bias': { field: 'conv1Bias', dims: [3], length: 3 },
  'conv2.weight': { field: 'conv2Weight', dims: [3, 3, 3, 3], length: 81 },
  'conv2.bias': { field: 'conv2Bias', dims: [3], length: 3 },
} as const satisfies Record<string, { field: keyof AdapterWeights; dims: readonly number[]; length: number }>;

export type AdapterTensorName = keyof typeof adapterTensors;

export const adapterTensorNames = Object.keys(adapterTensors) as readonly AdapterTensorName[];

export const parameterCount = 528;

/** Equal for equal values: how sessions are shared. */
export function adapterDigest(weights: AdapterWeights): string {
  const hash = createHash('sha256');
  for (const name of adapterTensorNames) hash.update(weights[adapterTensors[name].field]);
  return hash.digest('hex');
}

/** Feeds for a front end's graph; the arrays are shared, not copied. */
export function toTensors(weights: AdapterWeights): Tensors {
  return Object.fromEntries(
    adapterTensorNames.map((name): [string, Tensor] => {
      const { field, dims } = adapterTensors[name];
      return [name, { data: weights[field], dims }];
    }),
  );
}

/** The inverse of `toTensors`; other tensors are ignored. Throws where one is missing or unfit. */
export function fromTensors(tensors: Tensors): AdapterWeights {
  const take = (name: AdapterTensorName): Float32Array<ArrayBuffer> => {
    const tensor = tensors[name];
    if (!(tensor?.data instanceof Float32Array)) throw new Error(`${name} must be a float32 tensor`);
    const { dims } = adapterTensors[name];
    if (tensor.dims.join() !== dims.join()) {
      throw new Error(`${name} must have the shape [${dims.join(', ')}], it has [${tensor.dims.join(', ')}]`);
    }
    return tensor.data;
  };
  const weights: AdapterWeights = {
    conv1Weight: take('conv1.weight'),
    conv1Bias: take('conv1.bias'),
    conv2Weight: take('conv2.weight'),
    conv2Bias: take('conv2.bias'),
  };
  assertUsable(weights);
  return weights;
}

/** Throws where the lengths are not those of the front end, or a value is not a finite number. */
export function assertUsable(weights: AdapterWeights): void {
  for (const name of adapterTensorNames) {
    const { field, length } = adapterTensors[name];
    const values = weights[field];
    if (values.length !== length) throw new Error(`${name} must hold ${length} values, it holds ${values.length}`);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new Error(`${name} must hold finite numbers, value ${bad} is ${String(values[bad])}`);
  }
}
