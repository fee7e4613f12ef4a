/** What shape inference knows about one node, and what it answers. */
import type { Node } from '../../onnx/model.ts';
import { at, type TensorType } from '../tensor-type.ts';

export interface Inference {
  readonly node: Node;
  readonly opset: number;
  /** Types of the inputs; `undefined` for one that is left out. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** The values of a constant input, `undefined` where the input is left out or not constant. */
  numbers(input: number): readonly number[] | undefined;
}

/** The types of the node's outputs, as many as the operator can have. */
export type Infer = (inference: Inference) => readonly TensorType[];

export function inputType({ inputs }: Inference, index: number): TensorType {
  const type = inputs[index];
  if (type === undefined) throw new Error(`input ${index} is missing`);
  return type;
}

/** The values of an input that shapes depend on. */
export function constantNumbers(inference: Inference, index: number): readonly number[] {
  const values = inference.numbers(index);
  if (values === undefined) throw new Error(`input ${index} must be a constant, since the shape depends on it`);
  return values;
}

export function withDims(type: TensorType, dims: readonly number[]): TensorType {
  return { dataType: type.dataType, dims };
}

/** `dims` with the one at `axis` replaced. */
export function replaceDim(dims: readonly number[], axis: number, size: number): number[] {
  at(dims, axis);
  return dims.map((dim, i) => (i === axis ? size : dim));
}
