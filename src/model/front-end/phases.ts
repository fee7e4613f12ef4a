/**
 * A convolution whose outputs are computed a block at a time, each place in the block (a phase) a channel of its own.
 *
 * onnxruntime's fast kernels for CPUs compute 8 or 16 output channels at once, and none where there are three. In
 * phases there are 3 · rows · columns; the kernel is a little larger, since it holds all of the block's, shifted.
 */
import { int64s, ints, node } from '../../onnx/build.ts';
import type { Axis, Window } from './axis.ts';
import { wholeVectors } from './cost.ts';
import { joined, type Piece } from './piece.ts';
import { addWeight, forEachWeight, noKernels, type Kernels } from './kernels.ts';

/** Rows and columns of a block of outputs. */
export interface Phases {
  readonly y: number;
  readonly x: number;
}

/** The same convolution, its outputs blocks; the last block may hold more than there is. */
export function windowInPhases({ y, x }: Window, phases: Phases): Window {
  return { y: axisInPhases(y, phases.y), x: axisInPhases(x, phases.x) };
}

function axisInPhases(axis: Axis, phases: number): Axis {
  const { taps, stride, outputs } = axis;
  return {
    ...axis,
    outputs: Math.ceil(outputs / phases),
    taps: taps + (phases - 1) * stride,
    stride: phases * stride,
  };
}

/** The kernels that belong to it: the output channel's phases are channels, row by row; zero channels fill the vectors. */
export function kernelsInPhases(kernels: Kernels, { y, x }: Window, phases: Phases): Kernels {
  const area = phases.y * phases.x;
  const phased = noKernels({
    outputs: area === 1 ? kernels.outputs : wholeVectors(kernels.outputs * area),
    inputs: kernels.inputs,
    height: kernels.height + (phases.y - 1) * y.stride,
    width: kernels.width + (phases.x - 1) * x.stride,
  });
  for (let row = 0; row < phases.y; row++) {
    for (let column = 0; column < phases.x; column++) {
      const channel = (output: number) => output * area + row * phases.x + column;
      kernels.bias.forEach((bias, output) => (phased.bias[channel(output)] = bias));
      forEachWeight(kernels, (weight, output, input, u, v) => {
        addWeight(phased, weight, channel(output), input, u + row * y.stride, v + column * x.stride);
      });
    }
  }
  return phased;
}

/**
 * From phases to a picture.
 *
 * Input: float32 [N, channels, blocks of y, blocks of x], the first 3 · rows · columns of the channels in use.
 * Output: `image` float32 [N, 3, y.outputs, x.outputs].
 */
export function pictureFromPhases(input: string, channels: number, { y, x }: Window, phases: Phases): Piece {
  const used = 3 * phases.y * phases.x;
  const blocks = { y: Math.ceil(y.outputs / phases.y), x: Math.ceil(x.outputs / phases.x) };
  const [height, width] = [blocks.y * phases.y, blocks.x * phases.x];
  const steps: Piece[] = [];
  const last = () => steps.at(-1)?.output ?? input;
  if (channels > used) steps.push(slice(last(), 'phases.used', [1], [used]));
  steps.push(reshape(last(), 'phases.apart', [-1, 3, phases.y, phases.x, blocks.y, blocks.x]));
  steps.push({
    output: 'phases.turned',
    nodes: [node('Transpose', [last()], ['phases.turned'], { perm: ints(0, 1, 4, 2, 5, 3) })],
    initializers: [],
  });
  steps.push(reshape(last(), 'phases.together', [-1, 3, height, width]));
  if (height > y.outputs || width > x.outputs) steps.push(slice(last(), 'phases.cut', [2, 3], [y.outputs, x.outputs]));
  return joined([...steps, { output: 'image', nodes: [node('Identity', [last()], ['image'])], initializers: [] }]);
}

function reshape(input: string, output: string, shape: readonly number[]): Piece {
  return {
    output,
    nodes: [node('Reshape', [input, `${output}.shape`], [output])],
    initializers: [int64s(`${output}.shape`, shape)],
  };
}

/** The first `ends` along the axes. */
function slice(input: string, output: string, axes: readonly number[], ends: readonly number[]): Piece {
  const names = [`${output}.starts`, `${output}.ends`, `${output}.axes`] as const;
  return {
    output,
    nodes: [node('Slice', [input, ...names], [output])],
    initializers: [
      int64s(
        names[0],
        ends.map(() => 0),
      ),
      int64s(names[1], ends),
      int64s(names[2], axes),
    ],
  };
}
