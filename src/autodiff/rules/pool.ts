/** Pooling. */
import { ints } from '../../onnx/build.ts';
import type { Node } from '../../onnx/model.ts';
import { intAttribute, intsAttribute } from '../attributes.ts';
import { unsupported } from '../errors.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { at, elementCount, indices, sameDims } from '../tensor-type.ts';
import { windowsOf, type Window } from '../windows.ts';
import { spacedImage } from './spaced-image.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

/** Each output's gradient goes to the (first) element that was its window's largest. */
const maxPool: Rule = (c) => [
  () => {
    const { node, builder: b, gradient } = c;
    if (intAttribute(node, 'storage_order', 0) !== 0) throw unsupported(node, 'whose storage_order must be 0');
    const dims = inputDims(c, 0);
    const places = b.reshape(b.furtherOutput(c.y, 1), [-1]);
    const zeros = b.zeros([elementCount(dims)], b.type(c.x(0)).dataType);
    const scattered = b.op('ScatterElements', [zeros, places, b.reshape(gradient, [-1])], {
      axis: { kind: 'int', value: 0 },
      reduction: { kind: 'string', value: 'add' },
    });
    return b.reshape(scattered, dims);
  },
];

/**
 * Each output's gradient goes to all elements of its window, over the count of those: a sum over windows of
 * the same size, which is an average pooling again, times the window's size.
 */
const averagePool: Rule = (c) => [
  () => {
    const { node, builder: b, gradient } = c;
    const kernel = intsAttribute(node, 'kernel_shape') ?? [];
    const windows = windowsOf(node, inputDims(c, 0).slice(2), kernel);
    if (windows.some(({ dilation }) => dilation > 1)) throw unsupported(node, 'whose dilations must be 1');
    const apart = spacedImage(b, scaled(b, gradient, shares(c, windows)), windows);
    return b.op('AveragePool', [apart], { kernel_shape: ints(...kernel) });
  },
];

/**
 * x times what is the same for all channels. Behind a 1×1 convolution its input is scaled instead where that has
 * fewer channels: engines convolve in blocks of channels, which such a product makes them undo and redo.
 */
function scaled(b: GraphBuilder, x: string, factor: string): string {
  if (b.numbers(factor)?.every((value) => value === 1)) return x;
  const node = b.producer(x);
  if (node === undefined || !isPointwise(b, node)) return b.mul(x, factor);
  const [input = '', weights = ''] = node.inputs;
  return b.op('Conv', [b.mul(input, factor), weights], node.attributes);
}

/** Whether this is a convolution, without bias, from fewer channels to more, that moves nothing. */
function isPointwise(b: GraphBuilder, { opType, inputs, outputs, attributes }: Node): boolean {
  const [x = '', weights = ''] = inputs;
  if (opType !== 'Conv' || inputs.length !== 2) return false;
  const [channels = 0, , ...kernel] = b.dims(weights);
  const whole = sameDims(b.dims(x).slice(2), b.dims(at(outputs, 0)).slice(2));
  return (
    whole && attributes['strides'] === undefined && kernel.every((size) => size === 1) && at(b.dims(x), 1) < channels
  );
}

/** The window's size over the count that each output was divided by, [1, 1, …]; one number if all are alike. */
function shares({ node, builder: b, gradient }: Backward, windows: readonly Window[]): string {
  const withPads = intAttribute(node, 'count_include_pad', 0) === 1;
  const perAxis = windows.map((window) =>
    Array.from({ length: window.output }, (_, q) => window.kernel / tapsInside(window, q, withPads)),
  );
  const type = b.type(gradient).dataType;
  if (perAxis.every((axis) => new Set(axis).size === 1)) {
    return b.constant([perAxis.reduce((product, axis) => product * at(axis, 0), 1)], [], type);
  }
  const dims = windows.map(({ output }) => output);
  const values = Array.from(indices(dims), (index) =>
    index.reduce((product, q, i) => product * at(at(perAxis, i), q), 1),
  );
  return b.constant(values, [1, 1, ...dims], type);
}

function tapsInside({ input, kernel, stride, dilation, begin, end }: Window, q: number, withPads: boolean): number {
  const low = withPads ? -begin : 0;
  const high = withPads ? input + end : input;
  const first = q * stride - begin;
  return Array.from({ length: kernel }, (_, k) => first + k * dilation).filter((i) => i >= low && i < high).length;
}

export const pools: Readonly<Record<string, Rule>> = { MaxPool: maxPool, AveragePool: averagePool };
