/** Rounded weights shift a layer's outputs on average, and the bias can take that back. */
import { intAttribute } from '../autodiff/attributes.ts';
import { at, elementCount } from '../autodiff/tensor-type.ts';
import { channelOf, type IntegerWeights } from './integer-weights.ts';
import type { Weighted } from './steps.ts';

/**
 * The bias plus the mean of (weights − rounded weights) · input, by output.
 *
 * `means`: of each input channel; without them the bias is as it was. Padding is not looked at: its share of the
 * positions is small. Reference: Nagel et al. 2019 (arXiv 1906.04721), section 4.2.
 */
export function correctedBias(
  layer: Weighted,
  { values, scales }: IntegerWeights,
  means: Float64Array | undefined,
): Float64Array {
  const bias = Float64Array.from(scales, (_, c) => (layer.bias ? Number(layer.bias.data[c]) : 0));
  if (means === undefined) return bias;
  const { weights, axis } = layer;
  const output = channelOf(weights.dims, axis);
  const input = inputChannelOf(layer);
  (weights.data as Float32Array).forEach((value, i) => {
    const c = output(i);
    bias[c] = at(bias, c) + (value - at(values, i) * at(scales, c)) * at(means, input(i, c));
  });
  return bias;
}

/** The input channel that an element of the weights is multiplied with. */
function inputChannelOf({ node, weights, axis }: Weighted): (index: number, output: number) => number {
  if (node.opType === 'Gemm') return channelOf(weights.dims, 1 - axis);
  const [outputs = 1, inputs = 1, ...kernel] = weights.dims;
  const perGroup = outputs / intAttribute(node, 'group', 1);
  const inner = elementCount(kernel);
  return (index, output) => Math.floor(output / perGroup) * inputs + (Math.floor(index / inner) % inputs);
}
