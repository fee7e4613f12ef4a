/**
 * The two convolutions as they are, in phases.
 *
 * The samples between them stay in phases: the second convolution's block of outputs meets blocks of them.
 */
import { floats, ints, node } from '../../onnx/build.ts';
import type { Node } from '../../onnx/model.ts';
import type { AdapterWeights } from '../adapter.ts';
import type { Geometry } from '../geometry.ts';
import { taps, type Padding } from '../strides.ts';
import { beyond, firstWindow, secondWindow, type Axis, type Window } from './axis.ts';
import { convolvePixels } from './convolve-pixels.ts';
import { blockedCost, plainCost, wholeVectors } from './cost.ts';
import { addWeight, forEachWeight, layerKernels, noKernels, type Kernels } from './kernels.ts';
import type { FormOptions } from './options.ts';
import { kernelsInPhases, pictureFromPhases, windowInPhases, type Phases } from './phases.ts';
import { joined, type Piece } from './piece.ts';

/** Of the samples between the convolutions, for a block of the image. */
export function phasesBetween({ strides: { y, x } }: Geometry, block: Phases): Phases {
  return { y: block.y * y[1], x: block.x * x[1] };
}

/** Where samples beyond the border are black, the blocks must end there. */
export function fitsTwoConvolutions(geometry: Geometry, block: Phases): boolean {
  const { y, x } = phasesBetween(geometry, block);
  const { input, padding } = geometry;
  return y * x > 1 && (padding === 'edge' || (input.height % block.y === 0 && input.width % block.x === 0));
}

/** For each pixel of the image. */
export function twoConvolutionsCost(geometry: Geometry, phases: Phases): number {
  const [first, second] = [firstWindow(geometry), secondWindow(geometry)];
  const between = phasesBetween(geometry, phases);
  const { y, x } = windowInPhases(first, between);
  const channels = 3 * between.y * between.x;
  const blocks = {
    y: blockAxis(second.y, phases.y, geometry.padding),
    x: blockAxis(second.x, phases.x, geometry.padding),
  };
  const area = phases.y * phases.x;
  const conv2 = blockedCost(3 * area, wholeVectors(channels), blocks.y.taps * blocks.x.taps);
  return (blockedCost(channels, 3, y.taps * x.taps) + conv2) / area;
}

/** For phases of the image that fit. */
export function twoConvolutionsForm(
  adapter: AdapterWeights,
  geometry: Geometry,
  phases: Phases,
  options: FormOptions,
): Piece {
  const second = secondWindow(geometry);
  const blocks = {
    y: blockAxis(second.y, phases.y, options.padding),
    x: blockAxis(second.x, phases.x, options.padding),
  };
  const between = phasesBetween(geometry, phases);
  const first = windowInPhases(firstWindow(geometry), between);
  // As many blocks as the second convolution meets, be they beyond the border.
  const met = { y: { ...first.y, outputs: blocks.y.size }, x: { ...first.x, outputs: blocks.x.size } };
  const kernels1 = kernelsInPhases(layerKernels(adapter, 0), firstWindow(geometry), between);
  const conv1 = convolvePixels(met, kernels1, { ...options, relu: true });
  const kernels2 = blockKernels(layerKernels(adapter, 1), second, phases, blocks, kernels1.outputs);
  const attributes = {
    kernel_shape: ints(blocks.y.taps, blocks.x.taps),
    pads: ints(blocks.y.before, blocks.x.before, beyond(blocks.y), beyond(blocks.x)),
  };
  const conv2 = secondConvolution(conv1.output, 'second', kernels2, attributes);
  return joined([conv1, conv2, pictureFromPhases(conv2.output, kernels2.outputs, second, phases)]);
}

/** Without phases, for each pixel of the image. */
export function plainTwoConvolutionsCost({ strides: { y, x } }: Geometry): number {
  return plainCost(taps[0] ** 2) * y[1] * x[1] + plainCost(taps[1] ** 2);
}

/** Without phases: for strides that leave the kernels of a block little in common, and for graphics processors. */
export function plainTwoConvolutionsForm(adapter: AdapterWeights, geometry: Geometry, options: FormOptions): Piece {
  const { y, x } = secondWindow(geometry);
  const conv1 = convolvePixels(firstWindow(geometry), layerKernels(adapter, 0), { ...options, relu: true });
  const kernels = layerKernels(adapter, 1);
  const attributes = {
    kernel_shape: ints(y.taps, x.taps),
    strides: ints(y.stride, x.stride),
    pads: ints(y.before, x.before, beyond(y), beyond(x)),
  };
  return joined([conv1, secondConvolution(conv1.output, 'image', kernels, attributes)]);
}

function secondConvolution(input: string, output: string, kernels: Kernels, attributes: Node['attributes']): Piece {
  const { weights, outputs, inputs, height, width, bias } = kernels;
  return {
    output,
    nodes: [
      node('Conv', [input, 'second.weight', 'second.bias'], ['second.sum'], attributes),
      node('Relu', ['second.sum'], [output]),
    ],
    initializers: [floats('second.weight', weights, [outputs, inputs, height, width]), floats('second.bias', bias)],
  };
}

/** Of the second convolution over blocks: `phases` outputs in one step, which are `phases · stride` samples. */
function blockAxis({ size, outputs, taps, stride, before }: Axis, phases: number, padding: Padding): Axis {
  const block = phases * stride;
  const first = Math.floor(-before / block);
  const last = Math.floor(((phases - 1) * stride + taps - 1 - before) / block);
  const steps = Math.ceil(outputs / phases);
  const blocks = padding === 'zero' ? size / block : steps + last;
  return { size: blocks, outputs: steps, taps: last - first + 1, stride: 1, before: -first };
}

/** W'[o j, m φ, β] = W[o, m, t] with j · stride + t − before = β · block + φ, per axis. */
function blockKernels(kernels: Kernels, { y, x }: Window, phases: Phases, blocks: Window, inputs: number): Kernels {
  const block = { y: phases.y * y.stride, x: phases.x * x.stride };
  const outputs = wholeVectors(3 * phases.y * phases.x);
  const blocked = noKernels({ outputs, inputs, height: blocks.y.taps, width: blocks.x.taps });
  for (let row = 0; row < phases.y; row++) {
    for (let column = 0; column < phases.x; column++) {
      const channel = (output: number) => (output * phases.y + row) * phases.x + column;
      kernels.bias.forEach((bias, output) => (blocked.bias[channel(output)] = bias));
      forEachWeight(kernels, (weight, output, middle, u, v) => {
        const at = {
          y: row * y.stride + u - y.before + blocks.y.before * block.y,
          x: column * x.stride + v - x.before + blocks.x.before * block.x,
        };
        const phase = (middle * block.y + (at.y % block.y)) * block.x + (at.x % block.x);
        addWeight(blocked, weight, channel(output), phase, Math.floor(at.y / block.y), Math.floor(at.x / block.x));
      });
    }
  }
  return blocked;
}
