/** Short constructors for the nodes and constants of a graph. */
import { dataType, type Attribute, type Initializer, type Node } from './model.ts';

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Node {
  return { name: '', opType, domain: '', inputs, outputs, attributes };
}

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });
export const text = (value: string): Attribute => ({ kind: 'string', value });

/** A float32 constant; a number makes a scalar. */
export function floats(name: string, values: number | ArrayLike<number>, dims?: readonly number[]): Initializer {
  const data = typeof values === 'number' ? Float32Array.of(values) : Float32Array.from(values);
  return { name, dataType: dataType.float, dims: dims ?? (typeof values === 'number' ? [] : [data.length]), data };
}

/** An int64 constant, as shapes, axes and pads are. */
export function int64s(name: string, values: readonly number[], dims?: readonly number[]): Initializer {
  return { name, dataType: dataType.int64, dims: dims ?? [values.length], data: BigInt64Array.from(values, BigInt) };
}
