/** Constants as plain numbers, and back. */
import { dataType, type DataType, type Initializer } from '../onnx/model.ts';
import { at, elementCount } from './tensor-type.ts';

export function numbersOf({ data }: Initializer): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A constant of element type float, double, int8, uint8, int32, int64 or bool. */
export function constantOf(
  name: string,
  type: DataType,
  values: ArrayLike<number>,
  dims: readonly number[],
): Initializer {
  return { name, dataType: type, dims, data: dataOf(type, values) };
}

function dataOf(type: DataType, values: ArrayLike<number>): Initializer['data'] {
  switch (type) {
    case dataType.float:
      return Float32Array.from(values);
    case dataType.double:
      return Float64Array.from(values);
    case dataType.int64:
      return BigInt64Array.from(Array.from(values), (value) => BigInt(value));
    case dataType.int32:
      return Int32Array.from(values);
    case dataType.int8:
      return Int8Array.from(values);
    case dataType.uint8:
    case dataType.bool:
      return Uint8Array.from(values);
    case dataType.float16:
      throw new Error('constants of element type float16 are not supported');
  }
}

/**
 * What DequantizeLinear makes of constants: (value − zero) · scale, with one scale, or one per
 * element of `axis`.
 *
 * Reference: ONNX operator DequantizeLinear.
 */
export function dequantized(
  values: Initializer,
  scale: Initializer,
  zero: Initializer | undefined,
  axis: number,
): Initializer {
  const scales = numbersOf(scale);
  const zeros = zero === undefined ? [0] : numbersOf(zero);
  const inner = elementCount(values.dims.slice(axis + 1));
  const source = values.data as ArrayLike<number>;
  const data = new Float32Array(source.length);
  for (let i = 0; i < data.length; i++) {
    const channel = scales.length === 1 ? 0 : Math.floor(i / inner) % scales.length;
    data[i] = (at(source, i) - at(zeros, zeros.length === 1 ? 0 : channel)) * at(scales, channel);
  }
  return { name: values.name, dataType: dataType.float, dims: values.dims, data };
}
