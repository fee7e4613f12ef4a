/** Operators that move elements: their gradients move them back. */
import { intAttribute, intsAttribute } from '../attributes.ts';
import { sliceRanges } from '../slices.ts';
import { at, positiveAxis } from '../tensor-type.ts';
import { channelRange } from './channel-range.ts';
import { spaced } from './spaced.ts';
import { constantInput, inputDims, type Backward, type Rule } from './rule.ts';

/** Back to the input's shape. */
const reshaped: Rule = (c) => [() => c.builder.reshape(c.gradient, inputDims(c, 0)), undefined];

const transpose: Rule = (c) => [
  () => {
    const rank = inputDims(c, 0).length;
    const order = intsAttribute(c.node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
    const back = order.map((_, axis) => order.indexOf(axis));
    return c.builder.transpose(c.gradient, back);
  },
];

const concat: Rule = (c) => {
  const axis = positiveAxis(intAttribute(c.node, 'axis', 0), inputDims(c, 0).length);
  const sizes = c.node.inputs.map((_, i) => at(inputDims(c, i), axis));
  return sizes.map((size, i) => () => {
    const start = sizes.slice(0, i).reduce((sum, other) => sum + other, 0);
    if (axis === 1) return channelRange(c.builder, c.gradient, start, start + size);
    return c.builder.slice(c.gradient, [start], [start + size], [axis]);
  });
};

const split: Rule = (c) => [
  () => {
    const { builder: b, node, gradients } = c;
    const axis = positiveAxis(intAttribute(node, 'axis', 0), inputDims(c, 0).length);
    const parts = node.outputs.map((name, i) => gradients[i] ?? b.zeros(b.dims(name), b.type(name).dataType));
    return b.op('Concat', parts, { axis: { kind: 'int', value: axis } });
  },
  undefined,
];

const slice: Rule = (c) => [() => unsliced(c), undefined, undefined, undefined, undefined];

function unsliced(c: Backward): string {
  const { builder: b } = c;
  const dims = inputDims(c, 0);
  const ranges = sliceRanges(
    dims,
    constantInput(c, 1) ?? [],
    constantInput(c, 2) ?? [],
    constantInput(c, 3),
    constantInput(c, 4),
  );
  return ranges.reduce((gradient, { axis, start, step, length }) => {
    const forward = step > 0 ? gradient : reversed(c, gradient, axis);
    const before = step > 0 ? start : start + (length - 1) * step;
    return spaced(b, forward, [{ axis, step: Math.abs(step), before, total: at(dims, axis) }]);
  }, c.gradient);
}

function reversed({ builder: b }: Backward, x: string, axis: number): string {
  const vector = (value: number) => b.int64s([value]);
  return b.op('Slice', [x, vector(-1), vector(-(2 ** 31)), vector(axis), vector(-1)]);
}

/** Each element's gradient is the sum over its copies: what broadcasting does anyway. */
const expand: Rule = ({ gradient }) => [() => gradient, undefined];

export const layouts: Readonly<Record<string, Rule>> = {
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Expand: expand,
};
