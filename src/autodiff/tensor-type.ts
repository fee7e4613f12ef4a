/** Element type and shape of a tensor: all that rules need to know beside the graph. */
import { dataType, type DataType } from '../onnx/model.ts';

export interface TensorType {
  readonly dataType: DataType;
  /** Every dimension is known: graphs are differentiated for a fixed batch. */
  readonly dims: readonly number[];
}

/** The number of elements of a tensor with these dimensions. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * dim, 1);
}

export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** NumPy's multidirectional broadcasting. Throws where two dimensions neither agree nor are 1. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = new Set(shapes.map((dims) => dims[axis - rank + dims.length] ?? 1).filter((size) => size !== 1));
    if (sizes.size > 1)
      throw new Error(`shapes ${shapes.map((dims) => `[${dims.join()}]`).join(' and ')} do not agree`);
    return [...sizes][0] ?? 1;
  });
}

/** An axis counted from the front; ONNX counts negative ones from the back. */
export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Every index of an array with these dimensions, in row-major order. */
export function* indices(dims: readonly number[]): Generator<readonly number[]> {
  const index = dims.map(() => 0);
  for (let count = elementCount(dims); count > 0; count--) {
    yield index;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if (index[axis] !== dims[axis]) break;
      index[axis] = 0;
    }
  }
}

/** One sequence of numbers, at an index that is known to be there. */
export function at<T>(values: ArrayLike<T>, index: number): T {
  const value = values[index < 0 ? values.length + index : index];
  if (value === undefined) throw new RangeError(`index ${index} is outside of ${values.length} values`);
  return value;
}

/** Whether a tensor of this type can have a gradient. */
export function isFloat(type: DataType): boolean {
  return type === dataType.float || type === dataType.double || type === dataType.float16;
}
