/** Resizing by nearest or linear interpolation: a matrix per axis, so its gradient is the transposed one. */
import { intAttribute, textAttribute } from '../attributes.ts';
import { unsupported } from '../errors.ts';
import { at } from '../tensor-type.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

const resize: Rule = (c) => [() => resized(c), undefined, undefined, undefined];

function resized(c: Backward): string {
  const { builder: b, y } = c;
  const mode = textAttribute(c.node, 'mode', 'nearest');
  if (mode !== 'nearest' && mode !== 'linear') throw unsupported(c.node, `whose mode "${mode}" has no gradient rule`);
  if (intAttribute(c.node, 'antialias', 0) === 1) throw unsupported(c.node, 'whose antialias has no gradient rule');
  const scales = b.numbers(c.node.inputs[2]);
  const from = inputDims(c, 0);
  const to = b.dims(y);
  return from.reduce((gradient, input, axis) => {
    const output = at(to, axis);
    if (input === output) return gradient;
    const scale = scales === undefined || scales.length === 0 ? output / input : at(scales, axis);
    const matrix = mode === 'nearest' ? nearest(c, input, output, scale) : linear(c, input, output, scale);
    return alongAxis(c, gradient, axis, b.constant(matrix, [output, input], b.type(gradient).dataType));
  }, c.gradient);
}

/** x contracted with a matrix [n, m] along an axis of length n. */
function alongAxis({ builder: b }: Backward, x: string, axis: number, matrix: string): string {
  const order = b.dims(x).map((_, i) => i);
  const last = order.length - 1;
  order[axis] = last;
  order[last] = axis;
  const swapped = axis === last ? x : b.transpose(x, order);
  const product = b.op('MatMul', [swapped, matrix]);
  return axis === last ? product : b.transpose(product, order);
}

/** Row-major [output, input], one 1 in each row. */
function nearest(c: Backward, input: number, output: number, scale: number): Float64Array {
  const rounding = textAttribute(c.node, 'nearest_mode', 'round_prefer_floor');
  const round = roundings[rounding];
  if (round === undefined) throw unsupported(c.node, `whose nearest_mode "${rounding}" has no gradient rule`);
  const matrix = new Float64Array(output * input);
  for (let i = 0; i < output; i++) {
    const j = Math.min(Math.max(round(coordinate(c, i, input, output, scale)), 0), input - 1);
    matrix[i * input + j] = 1;
  }
  return matrix;
}

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  // Engines round up what lies within float32's precision below a half, too (7 to 2 elements, asymmetric).
  round_prefer_ceil: (x) => Math.floor(x * (1 + 2 ** -22) + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Row-major [output, input], two weights in each row that add up to 1. */
function linear(c: Backward, input: number, output: number, scale: number): Float64Array {
  const matrix = new Float64Array(output * input);
  for (let i = 0; i < output; i++) {
    const x = Math.min(Math.max(coordinate(c, i, input, output, scale), 0), input - 1);
    const low = Math.floor(x);
    const high = Math.min(low + 1, input - 1);
    matrix[i * input + low] = 1 - (x - low);
    matrix[i * input + high] = (matrix[i * input + high] ?? 0) + (x - low);
  }
  return matrix;
}

/**
 * Where output element i lies on the input's axis, in float32 as engines compute it: a coordinate that falls
 * between two elements is rounded to the same one as in the forward pass.
 *
 * Reference: ONNX operator Resize.
 */
function coordinate({ node }: Backward, i: number, input: number, output: number, scale: number): number {
  const mode = textAttribute(node, 'coordinate_transformation_mode', 'half_pixel');
  const single = Math.fround(scale);
  const halfPixel = () => Math.fround(Math.fround(Math.fround(i + 0.5) / single) - 0.5);
  switch (mode) {
    case 'half_pixel':
      return halfPixel();
    case 'pytorch_half_pixel':
      return output > 1 ? halfPixel() : 0;
    case 'align_corners':
      return output > 1 ? Math.fround((i * (input - 1)) / (output - 1)) : 0;
    case 'asymmetric':
      return Math.fround(i / single);
    default:
      throw unsupported(node, `whose coordinate_transformation_mode "${mode}" has no gradient rule`);
  }
}

export const resizes: Readonly<Record<string, Rule>> = { Resize: resize };
