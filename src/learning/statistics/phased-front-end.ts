/**
 * The front end over the four phases of its pixels: even and odd rows, even and odd columns, as channels.
 *
 * With strides (1,2) the seven taps of the first convolution move by one pixel, so that an engine that lays out a column
 * of pixels for each output lays out each pixel 49 times, and multiplies these by three rows of weights only. Over phases
 * it is a 4×4 convolution of 12 channels to 12, whose columns are a third as many numbers, and the second one is 2×2.
 * The weights are the same 528, put in their places by operators that have gradients; forward and back take two thirds
 * of the time.
 */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { adapterTensorNames, adapterTensors } from '../../model/adapter.ts';
import type { Geometry } from '../../model/geometry.ts';
import { compositeTaps, product, reachBefore, samePads, taps, type Strides } from '../../model/strides.ts';
import { int, ints, text } from '../../onnx/build.ts';
import { dataType, type GraphModel } from '../../onnx/model.ts';

/** Whether the geometry's strides are (1,2) on both axes. */
export function hasPhases({ strides: { x, y } }: Geometry): boolean {
  return [x, y].every(([first, second]) => first === 1 && second === 2);
}

/**
 * Inputs: `pixels` uint8 [batch, 3, grid height, grid width], planes R, G, B; the adapter's four tensors. Output: `image`
 * float32 [batch, 3, height, width]. For geometries that `hasPhases`.
 */
export function phasedFrontEnd({ grid, strides, padding }: Geometry, batch: number): GraphModel {
  const b = GraphBuilder.empty('front-end');
  b.input('pixels', [batch, 3, grid.height, grid.width], dataType.uint8);
  for (const name of adapterTensorNames) b.input(name, adapterTensors[name].dims);

  const [top, bottom] = border(strides.y, padding);
  const [left, right] = border(strides.x, padding);
  const pads = b.int64s([0, 0, top, left, 0, 0, bottom, right]);
  const padded = b.op('Pad', ['pixels', pads], { mode: text(padding === 'edge' ? 'edge' : 'constant') });
  const phases = inPhases(b, b.op('Cast', [padded], { to: int(dataType.float) }));

  // Bytes become 0 … 1 in the weights rather than in the pixels.
  const weight1 = b.mul('conv1.weight', 1 / 255);
  // In the order of `inPhases`, which the second convolution's kernel has, too.
  const shifted = [0, 1].flatMap((x) => [0, 1].map((y) => b.pad(weight1, [0, 0, y, x], [0, 0, 1 - y, 1 - x])));
  const bias1 = b.op('Concat', Array<string>(4).fill('conv1.bias'), { axis: int(0) });
  const kernel1 = inPhases(b, b.op('Concat', shifted, { axis: int(0) }));
  const between = b.op('Relu', [b.op('Conv', [phases, kernel1, bias1])]);

  const kernel2 = inPhases(b, b.pad('conv2.weight', [0, 0, 0, 0], [0, 0, 1, 1]));
  const after = padding === 'edge' ? ints(0, 0, 0, 0) : ints(0, 0, 1, 1);
  const image = b.op('Relu', [b.op('Conv', [between, kernel2, 'conv2.bias'], { pads: after })]);
  return b.model([b.alias(image, 'image')]);
}

/**
 * [N, C, 2h, 2w] → [N, 4C, h, w], the phases in the order (column, row). Of a kernel, whose taps meet the phases: [out, C, 2h, 2w] → [out, 4C, h, w].
 *
 * Rows, then columns: two transpositions that engines have loops for, where one for both is ten times as slow.
 */
function inPhases(b: GraphBuilder, x: string): string {
  const [batch = 1, channels = 1, height = 1, width = 1] = b.dims(x);
  const rows = b.transpose(b.reshape(x, [batch, channels, height / 2, 2, width]), [0, 3, 1, 2, 4]);
  const columns = b.reshape(rows, [batch, 2 * channels * (height / 2), width / 2, 2]);
  return b.reshape(b.transpose(columns, [0, 3, 1, 2]), [batch, 4 * channels, height / 2, width / 2]);
}

/**
 * Pixels before and after. Where edges are repeated, one more after than the two convolutions reach, so that there are
 * whole phases; a tap of weight 0 meets it.
 */
function border(strides: Strides, padding: Geometry['padding']): [before: number, after: number] {
  if (padding === 'zero') return [samePads(strides)[0], taps[0] - 1 - samePads(strides)[0]];
  const before = reachBefore(strides, padding);
  return [before, compositeTaps(strides) - product(strides) - before + 1];
}
