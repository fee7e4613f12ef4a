/** A front end as the product has it, its weights inputs of the graph. */
import { GraphBuilder } from '../../src/autodiff/graph-builder.ts';
import { ints } from '../../src/onnx/build.ts';
import type { GraphModel } from '../../src/onnx/model.ts';

export const parameters: Readonly<Record<string, number[]>> = {
  'conv1.weight': [3, 3, 7, 7],
  'conv1.bias': [3],
  'conv2.weight': [3, 3, 3, 3],
  'conv2.bias': [3],
};

/** `rgb` [batch, 3, size, size] → Conv 7×7 → Relu → Conv 3×3 → Relu → `image`, sides over the strides' product. */
export function frontEnd(batch: number, size: number, [first, second]: readonly [number, number]): GraphModel {
  const b = GraphBuilder.empty('front end');
  b.input('rgb', [batch, 3, size, size]);
  for (const [name, dims] of Object.entries(parameters)) b.input(name, dims);
  const hidden = layer(b, 'rgb', 'conv1', 7, first);
  b.alias(layer(b, hidden, 'conv2', 3, second), 'image');
  return b.model(['image']);
}

function layer(b: GraphBuilder, x: string, name: string, kernel: number, stride: number): string {
  const before = Math.ceil((kernel - stride) / 2);
  const after = Math.max(kernel - stride - before, 0);
  const attributes = { strides: ints(stride, stride), pads: ints(before, before, after, after) };
  return b.op('Relu', [b.op('Conv', [x, `${name}.weight`, `${name}.bias`], attributes)]);
}
