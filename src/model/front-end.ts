/** The front end as an ONNX graph whose adapter is fed with every run, so that swapping it needs no reload. */
import type { PixelFormat } from '../domain/frame.ts';
import {
  dataType,
  encodeModel,
  floats,
  int,
  int64s,
  ints,
  node,
  text,
  type GraphModel,
  type Initializer,
  type Node,
} from '../onnx/model.ts';
import { adapterTensorNames, adapterTensors } from './adapter.ts';
import { colourConversions } from './colour.ts';
import type { Geometry } from './geometry.ts';
import { compositeTaps, product, reachBefore, samePads, taps } from './strides.ts';

export interface FrontEndOptions {
  readonly geometry: Geometry;
  readonly pixelFormat: PixelFormat;
}

/** A piece of a graph: the tensor that it makes, and how. */
interface Piece {
  readonly output: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
}

/**
 * Bytes of an ONNX model: Conv 7×7 → ReLU → Conv 3×3 → ReLU on the decoder's own planes.
 *
 * Inputs: `pixels` uint8 [N, 3, height, width] of the grid, planes in the order of the pixel
 * format; `conv1.weight`, `conv1.bias`, `conv2.weight`, `conv2.bias` as in `AdapterWeights`.
 * Output: `image` float32 [N, 3, height, width] of the classifier's input, R, G, B, from 0 up.
 * Bytes become numbers, and planes become R, G, B, in conv1's weights rather than in the pixels.
 */
export function frontEndModel({ geometry, pixelFormat }: FrontEndOptions): Uint8Array<ArrayBuffer> {
  const padded = padEdges(geometry, 'pixels');
  const planes = planesOf(padded.output, pixelFormat);
  const weights = foldColours(pixelFormat);
  const image = convolutions(geometry, planes.output, weights.output);
  return encodeModel(graph(geometry, { name: 'pixels', type: dataType.uint8 }, [padded, planes, weights, image]));
}

/** The same in float, for fitting: input `rgb` float32 [N, 3, height, width], R, G, B from 0 to 1. */
export function frontEndFloatModel(geometry: Geometry): GraphModel {
  const padded = padEdges(geometry, 'rgb');
  const image = convolutions(geometry, padded.output, 'conv1.weight');
  return graph(geometry, { name: 'rgb', type: dataType.float }, [padded, image]);
}

function graph(
  { grid, input }: Geometry,
  pixels: { readonly name: string; readonly type: (typeof dataType)['uint8' | 'float'] },
  pieces: readonly Piece[],
): GraphModel {
  return {
    name: 'front-end',
    opset: 17,
    nodes: pieces.flatMap(({ nodes }) => nodes),
    initializers: pieces.flatMap(({ initializers }) => initializers),
    inputs: [
      { name: pixels.name, dataType: pixels.type, dims: ['N', 3, grid.height, grid.width] },
      ...adapterTensorNames.map((name) => ({ name, dataType: dataType.float, dims: adapterTensors[name].dims })),
    ],
    outputs: [{ name: 'image', dataType: dataType.float, dims: ['N', 3, input.height, input.width] }],
  };
}

/**
 * Repeats the border pixels as far as the two convolutions together reach, so that the samples
 * between them exist beyond the border too. Nothing to do where the padding is black.
 */
function padEdges({ strides, padding }: Geometry, input: string): Piece {
  if (padding === 'zero') return { output: input, nodes: [], initializers: [] };
  const before = [reachBefore(strides.y, 'edge'), reachBefore(strides.x, 'edge')];
  const after = [strides.y, strides.x].map((axis, i) => compositeTaps(axis) - product(axis) - (before[i] ?? 0));
  return {
    output: 'padded',
    nodes: [node('Pad', [input, 'pads'], ['padded'], { mode: text('edge') })],
    initializers: [int64s('pads', [0, 0, ...before, 0, 0, ...after])],
  };
}

/** Bytes to floats; offset planes lose their zero point, so that padding with 0 means black. */
function planesOf(input: string, pixelFormat: PixelFormat): Piece {
  const { zeroPoints } = colourConversions[pixelFormat];
  const cast = node('Cast', [input], ['bytes'], { to: int(dataType.float) });
  if (zeroPoints.every((value) => value === 0)) return { output: 'bytes', nodes: [cast], initializers: [] };
  return {
    output: 'planes',
    nodes: [cast, node('Sub', ['bytes', 'zeroPoints'], ['planes'])],
    initializers: [floats('zeroPoints', zeroPoints, [1, 3, 1, 1])],
  };
}

/** W'[o, plane] = Σ_c W[o, c] · M[c, plane] / 255: a few thousand products instead of one pass over the pixels. */
function foldColours(pixelFormat: PixelFormat): Piece {
  const { matrix } = colourConversions[pixelFormat];
  const transposed = [0, 1, 2].flatMap((plane) => matrix.map((row) => (row[plane] ?? 0) / 255));
  return {
    output: 'conv1.folded',
    nodes: [
      node('Reshape', ['conv1.weight', 'flat'], ['conv1.flat']),
      node('MatMul', ['colours', 'conv1.flat'], ['conv1.planes']),
      node('Reshape', ['conv1.planes', 'square'], ['conv1.folded']),
    ],
    initializers: [
      int64s('flat', [3, 3, taps[0] ** 2]),
      int64s('square', adapterTensors['conv1.weight'].dims),
      floats('colours', transposed, [3, 3]),
    ],
  };
}

function convolutions({ strides: { x, y }, padding }: Geometry, input: string, weight: string): Piece {
  const conv = (layer: 0 | 1, from: string, weights: string, bias: string, to: string): Node =>
    node('Conv', [from, weights, bias], [to], {
      kernel_shape: ints(taps[layer], taps[layer]),
      strides: ints(y[layer], x[layer]),
      pads: ints(...(padding === 'edge' ? [0, 0, 0, 0] : zeroPads(layer, x, y))),
    });
  return {
    output: 'image',
    nodes: [
      conv(0, input, weight, 'conv1.bias', 'conv1'),
      node('Relu', ['conv1'], ['relu1']),
      conv(1, 'relu1', 'conv2.weight', 'conv2.bias', 'conv2'),
      node('Relu', ['conv2'], ['image']),
    ],
    initializers: [],
  };
}

/** Top, left, bottom, right, as Keras' `same` pads sides that divide evenly. */
function zeroPads(layer: 0 | 1, x: Geometry['strides']['x'], y: Geometry['strides']['y']): readonly number[] {
  const before = [samePads(y)[layer], samePads(x)[layer]] as const;
  return [...before, taps[layer] - y[layer] - before[0], taps[layer] - x[layer] - before[1]];
}
