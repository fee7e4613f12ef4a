/** ONNX models as plain values. */

/** Element types of ONNX tensors (`TensorProto.DataType`), those that are used here. */
export const dataType = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
} as const;

export type DataType = (typeof dataType)[keyof typeof dataType];

/** A constant. `data` holds the elements in row-major order, always copied and aligned. */
export interface Initializer {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;
}

/** Integers as `bigint`s would be pedantic: ints and floats are told apart by the kind. */
export type Attribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Initializer };

export interface Node {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A named input or output; a dimension is a number, or the name of a free one. */
export interface ValueInfo {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly (number | string)[];
}

export interface GraphModel {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}
