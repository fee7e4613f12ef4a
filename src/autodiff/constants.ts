/** Constants as plain numbers, and back. */
import { dataType, type DataType, type Initializer } from '../onnx/model.ts';

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
