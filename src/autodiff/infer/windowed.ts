/** Shapes of convolutions, poolings, matrix products and resizing. */
import { dataType } from '../../onnx/model.ts';
import { intAttribute, intsAttribute } from '../attributes.ts';
import { at, broadcastDims } from '../tensor-type.ts';
import { windowsOf } from '../windows.ts';
import { inputType, withDims, type Infer } from './infer.ts';

const pool: Infer = (c) => {
  const x = inputType(c, 0);
  const [batch = 1, channels = 1, ...spatial] = x.dims;
  const windows = windowsOf(c.node, spatial, intsAttribute(c.node, 'kernel_shape') ?? []);
  const dims = [batch, channels, ...windows.map(({ output }) => output)];
  return [withDims(x, dims), { dataType: dataType.int64, dims }];
};

const globalPool: Infer = (c) => {
  const x = inputType(c, 0);
  return [
    withDims(
      x,
      x.dims.map((dim, axis) => (axis < 2 ? dim : 1)),
    ),
  ];
};

export const windowed: Readonly<Record<string, Infer>> = {
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  Conv: (c) => {
    const x = inputType(c, 0);
    const [channels = 1, , ...kernel] = inputType(c, 1).dims;
    const windows = windowsOf(c.node, x.dims.slice(2), kernel);
    return [withDims(x, [at(x.dims, 0), channels, ...windows.map(({ output }) => output)])];
  },
  MatMul: (c) => {
    const a = inputType(c, 0);
    const b = inputType(c, 1);
    const rows = a.dims.length > 1 ? [at(a.dims, -2)] : [];
    const columns = b.dims.length > 1 ? [at(b.dims, -1)] : [];
    return [withDims(a, [...broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2)), ...rows, ...columns])];
  },
  Gemm: (c) => {
    const a = inputType(c, 0);
    const b = inputType(c, 1);
    const rows = at(a.dims, intAttribute(c.node, 'transA', 0));
    return [withDims(a, [rows, at(b.dims, 1 - intAttribute(c.node, 'transB', 0))])];
  },
  Resize: (c) => {
    const x = inputType(c, 0);
    const sizes = c.numbers(3);
    const scales = c.numbers(2);
    if (sizes?.length === x.dims.length) return [withDims(x, sizes)];
    if (scales?.length !== x.dims.length) throw new Error('sizes or scales must be constant, one for each axis');
    return [
      withDims(
        x,
        x.dims.map((dim, axis) => Math.floor(dim * at(scales, axis))),
      ),
    ];
  },
};
