/** The front end for fitting: the two convolutions as they are, their weights fed with every run. */
import { int64s, ints, node, text } from '../../onnx/build.ts';
import { dataType, type GraphModel, type ValueInfo } from '../../onnx/model.ts';
import { adapterTensorNames, adapterTensors } from '../adapter.ts';
import type { Geometry } from '../geometry.ts';
import { beyond, firstWindow, secondWindow, type Window } from './axis.ts';
import { joined, type Piece } from './piece.ts';

/**
 * Conv 7×7 → ReLU → Conv 3×3 → ReLU.
 *
 * Inputs: `rgb` float32 [N, 3, height, width] of the grid, R, G, B from 0 to 1; `conv1.weight`, `conv1.bias`,
 * `conv2.weight`, `conv2.bias` as in `AdapterWeights`.
 * Output: `image` float32 [N, 3, height, width] of the classifier's input, R, G, B, from 0 up.
 */
export function frontEndFloatModel(geometry: Geometry): GraphModel {
  const { grid, input, padding } = geometry;
  const [first, second] = [firstWindow(geometry), secondWindow(geometry)];
  const padded = padding === 'edge' ? padEdges(first) : { output: 'rgb', nodes: [], initializers: [] };
  const { nodes, initializers } = joined([
    padded,
    convolution(padded.output, 'conv1', padding === 'edge' ? withoutBorder(first) : first),
    relu('conv1', 'relu1'),
    convolution('relu1', 'conv2', second),
    relu('conv2', 'image'),
  ]);
  return {
    name: 'front-end',
    opset: 17,
    nodes,
    initializers,
    inputs: [floatInput('rgb', ['N', 3, grid.height, grid.width]), ...adapterInputs],
    outputs: [floatInput('image', ['N', 3, input.height, input.width])],
  };
}

const adapterInputs = adapterTensorNames.map((name) => floatInput(name, adapterTensors[name].dims));

function floatInput(name: string, dims: readonly (number | string)[]): ValueInfo {
  return { name, dataType: dataType.float, dims };
}

/** Repeats the border pixels, so that the samples between the convolutions exist beyond the border too. */
function padEdges({ y, x }: Window): Piece {
  const pads = int64s('pads', [0, 0, y.before, x.before, 0, 0, beyond(y), beyond(x)]);
  const pad = node('Pad', ['rgb', 'pads'], ['padded'], { mode: text('edge') });
  return { output: 'padded', nodes: [pad], initializers: [pads] };
}

function withoutBorder({ y, x }: Window): Window {
  return {
    y: { ...y, size: y.size + y.before + beyond(y), before: 0 },
    x: { ...x, size: x.size + x.before + beyond(x), before: 0 },
  };
}

function convolution(input: string, name: 'conv1' | 'conv2', { y, x }: Window): Piece {
  const attributes = {
    kernel_shape: ints(y.taps, x.taps),
    strides: ints(y.stride, x.stride),
    pads: ints(y.before, x.before, beyond(y), beyond(x)),
  };
  const conv = node('Conv', [input, `${name}.weight`, `${name}.bias`], [name], attributes);
  return { output: name, nodes: [conv], initializers: [] };
}

function relu(input: string, output: string): Piece {
  return { output, nodes: [node('Relu', [input], [output])], initializers: [] };
}
