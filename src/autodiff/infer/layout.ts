/** Shapes of operators that move elements about. */
import { dataType } from '../../onnx/model.ts';
import { intAttribute, intsAttribute } from '../attributes.ts';
import { sliceRanges } from '../slices.ts';
import { at, broadcastDims, elementCount, positiveAxis } from '../tensor-type.ts';
import { constantNumbers, inputType, replaceDim, withDims, type Infer, type Inference } from './infer.ts';

const reshape: Infer = (c) => {
  const x = inputType(c, 0);
  const zeroIsZero = intAttribute(c.node, 'allowzero', 0) === 1;
  const asked = constantNumbers(c, 1).map((size, axis) => (size === 0 && !zeroIsZero ? at(x.dims, axis) : size));
  const known = elementCount(asked.filter((size) => size >= 0));
  const dims = asked.map((size) => (size < 0 ? elementCount(x.dims) / known : size));
  if (elementCount(dims) !== elementCount(x.dims)) {
    throw new Error(`[${x.dims.join()}] cannot be reshaped to [${asked.join()}]`);
  }
  return [withDims(x, dims)];
};

/** The sizes of a Split's parts. */
function splitSizes(c: Inference, size: number): readonly number[] {
  const asked = c.numbers(1);
  if (asked !== undefined) return asked;
  const parts = c.node.outputs.length;
  const part = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, i) => Math.min(part, size - i * part));
}

export const layout: Readonly<Record<string, Infer>> = {
  Reshape: reshape,
  Flatten: (c) => {
    const x = inputType(c, 0);
    const axis = positiveAxis(intAttribute(c.node, 'axis', 1), x.dims.length);
    return [withDims(x, [elementCount(x.dims.slice(0, axis)), elementCount(x.dims.slice(axis))])];
  },
  Transpose: (c) => {
    const x = inputType(c, 0);
    const order = intsAttribute(c.node, 'perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
    return [
      withDims(
        x,
        order.map((axis) => at(x.dims, axis)),
      ),
    ];
  },
  Squeeze: (c) => {
    const x = inputType(c, 0);
    const axes = c.numbers(1)?.map((axis) => positiveAxis(axis, x.dims.length));
    return [
      withDims(
        x,
        x.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis))),
      ),
    ];
  },
  Unsqueeze: (c) => {
    const x = inputType(c, 0);
    const axes = constantNumbers(c, 1);
    const rank = x.dims.length + axes.length;
    const added = new Set(axes.map((axis) => positiveAxis(axis, rank)));
    const old = x.dims.values();
    return [
      withDims(
        x,
        Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (old.next().value ?? 1))),
      ),
    ];
  },
  Concat: (c) => {
    const x = inputType(c, 0);
    const axis = positiveAxis(intAttribute(c.node, 'axis', 0), x.dims.length);
    const size = c.inputs.reduce((sum, type) => sum + at(type?.dims ?? [], axis), 0);
    return [withDims(x, replaceDim(x.dims, axis, size))];
  },
  Split: (c) => {
    const x = inputType(c, 0);
    const axis = positiveAxis(intAttribute(c.node, 'axis', 0), x.dims.length);
    return splitSizes(c, at(x.dims, axis)).map((size) => withDims(x, replaceDim(x.dims, axis, size)));
  },
  Slice: (c) => {
    const x = inputType(c, 0);
    const ranges = sliceRanges(x.dims, constantNumbers(c, 1), constantNumbers(c, 2), c.numbers(3), c.numbers(4));
    return [
      withDims(
        x,
        ranges.reduce<number[]>((dims, { axis, length }) => replaceDim(dims, axis, length), [...x.dims]),
      ),
    ];
  },
  Pad: (c) => {
    const x = inputType(c, 0);
    const { begin, end } = padsOf(c);
    return [
      withDims(
        x,
        x.dims.map((dim, axis) => dim + at(begin, axis) + at(end, axis)),
      ),
    ];
  },
  Expand: (c) => [withDims(inputType(c, 0), broadcastDims(inputType(c, 0).dims, constantNumbers(c, 1)))],
  Gather: (c) => {
    const x = inputType(c, 0);
    const axis = positiveAxis(intAttribute(c.node, 'axis', 0), x.dims.length);
    return [withDims(x, [...x.dims.slice(0, axis), ...inputType(c, 1).dims, ...x.dims.slice(axis + 1)])];
  },
  ScatterElements: (c) => [inputType(c, 0)],
  DepthToSpace: (c) => {
    const x = inputType(c, 0);
    const [batch = 1, channels = 1, height = 1, width = 1] = x.dims;
    const block = intAttribute(c.node, 'blocksize', 1);
    return [withDims(x, [batch, channels / block ** 2, height * block, width * block])];
  },
  Shape: (c) => [{ dataType: dataType.int64, dims: [inputType(c, 0).dims.length] }],
};

/** Padding before and after each axis of a Pad. */
export function padsOf(c: Inference): { begin: number[]; end: number[] } {
  const rank = inputType(c, 0).dims.length;
  const pads = constantNumbers(c, 1);
  const axes = c.numbers(3)?.map((axis) => positiveAxis(axis, rank));
  const begin = Array.from({ length: rank }, (_, axis) => {
    const place = axes === undefined ? axis : axes.indexOf(axis);
    return place < 0 ? 0 : at(pads, place);
  });
  const end = Array.from({ length: rank }, (_, axis) => {
    const place = axes === undefined ? axis : axes.indexOf(axis);
    return place < 0 ? 0 : at(pads, place + pads.length / 2);
  });
  return { begin, end };
}
