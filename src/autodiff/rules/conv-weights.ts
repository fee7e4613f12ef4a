/** The gradient of a convolution with respect to its weights. */
import { ints } from '../../onnx/build.ts';
import { at } from '../tensor-type.ts';
import { convWeightProduct } from './conv-weight-product.ts';
import type { ConvGradient } from './conv-input.ts';

/** [C_out, C_in ÷ groups, …] */
export function convWeightGradient(conv: ConvGradient, x: string): string {
  const [rows, columns] = conv.windows;
  if (conv.groups > 1 || conv.windows.length !== 2 || rows === undefined || columns === undefined) {
    return byConvolution(conv, x);
  }
  return convWeightProduct(conv, x, rows, columns);
}

/**
 * ∂w[o, c, k] = Σ g[n, o, q]·x[n, c, stride·q + dilation·k − begin]: a convolution of x by g whose channels
 * are the batch, whose batch are the channels, and in which stride and dilation change places.
 */
function byConvolution({ builder: b, gradient, weights, groups, windows }: ConvGradient, x: string): string {
  const [batch = 1, channels = 1, ...spatial] = b.dims(x);
  const [outputs = 1, perGroup = 1, ...kernel] = b.dims(weights);
  const axes = spatial.map((_, i) => i);
  const grouped = b.reshape(x, [batch, groups, channels / groups, ...spatial]);
  const turned = b.transpose(grouped, [2, 1, 0, ...axes.map((i) => i + 3)]);
  const image = b.reshape(turned, [perGroup, groups * batch, ...spatial]);
  const filters = b.transpose(gradient, [1, 0, ...axes.map((i) => i + 2)]);
  const products = b.op('Conv', [image, filters], {
    group: { kind: 'int', value: groups },
    strides: ints(...windows.map(({ dilation }) => dilation)),
    dilations: ints(...windows.map(({ stride }) => stride)),
    pads: ints(...windows.map(({ begin }) => begin), ...windows.map(({ end }) => end)),
  });
  const whole = b.dims(products);
  const exact = kernel.every((size, i) => at(whole, i + 2) === size);
  const zeros = kernel.map(() => 0);
  const ours = exact
    ? products
    : b.slice(
        products,
        zeros,
        kernel,
        axes.map((i) => i + 2),
      );
  return outputs === 1 && perGroup === 1 ? ours : b.transpose(ours, [1, 0, ...axes.map((i) => i + 2)]);
}
