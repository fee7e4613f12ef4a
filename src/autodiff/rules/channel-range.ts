/**
 * Some channels of a gradient, taken where the gradient is made.
 *
 * Engines keep images in blocks of channels, in which they convolve, pool and add but do not slice: a Slice
 * behind a convolution reorders all of its channels, and then each part once more. So the convolution is made
 * to compute these channels only, from which on everything stays in blocks.
 */
import type { Node } from '../../onnx/model.ts';
import { intAttribute } from '../attributes.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { elementCount, sameDims } from '../tensor-type.ts';

/** [N, C, …] → [N, end − start, …] */
export function channelRange(b: GraphBuilder, x: string, start: number, end: number): string {
  const [batch = 1, channels, ...rows] = b.dims(x);
  if (start === 0 && end === channels) return x;
  const node = b.producer(x);
  const inner = node && computed(b, node, [batch, end - start, ...rows], (input) => channelRange(b, input, start, end));
  return inner ?? (node && convolved(b, node, start, end)) ?? b.slice(x, [start], [end], [1]);
}

/** A node that treats all channels alike, applied to those of its inputs. */
function computed(
  b: GraphBuilder,
  node: Node,
  dims: readonly number[],
  range: (x: string) => string,
): string | undefined {
  const [x = '', second = ''] = node.inputs;
  switch (node.opType) {
    case 'AveragePool':
      return b.op('AveragePool', [range(x)], node.attributes);
    case 'Add':
      return sameDims(b.dims(x), b.dims(second)) ? b.add(range(x), range(second)) : undefined;
    case 'Mul':
      return b.dims(second).length === dims.length && b.dims(second)[1] === 1 ? b.mul(range(x), second) : undefined;
    case 'Pad': {
      const pads = b.numbers(second) ?? [];
      const alike = node.inputs.length === 2 && pads[1] === 0 && pads[1 + dims.length] === 0;
      return alike ? b.op('Pad', [range(x), second], node.attributes) : undefined;
    }
    default:
      return undefined;
  }
}

/** A convolution by constant weights and without bias, by those of its kernels. */
function convolved(b: GraphBuilder, node: Node, start: number, end: number): string | undefined {
  const [x = '', weights = '', bias] = node.inputs;
  if (node.opType !== 'Conv' || bias !== undefined || intAttribute(node, 'group', 1) !== 1) return undefined;
  const kernels = kernelRange(b, weights, start, end);
  return kernels && b.op('Conv', [x, kernels], node.attributes);
}

function kernelRange(b: GraphBuilder, weights: string, start: number, end: number): string | undefined {
  const [, ...kernel] = b.dims(weights);
  const size = elementCount(kernel);
  const dims = [end - start, ...kernel];
  const quantised = b.quantisedConstant(weights);
  if (quantised !== undefined && (quantised.axis !== 0 || elementCount(quantised.scale.dims) === 1)) {
    const data = quantised.values.data.slice(start * size, end * size);
    return b.dequantize({ ...quantised, values: { ...quantised.values, name: '', data, dims } });
  }
  const constant = b.constantValue(weights);
  return constant && b.store(constant.dataType, constant.data.slice(start * size, end * size), dims);
}
