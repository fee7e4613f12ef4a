/** The front end as an ONNX graph whose adapter is fed with every run, so that swapping it needs no reload. */
import { int, int64s, ints, node, text } from '../onnx/build.ts';
import { dataType, type GraphModel, type Initializer, type Node, type ValueInfo } from '../onnx/model.ts';
import { encodeModel } from '../onnx/wire.ts';
import { adapterTensorNames, adapterTensors } from './adapter.ts';
import type { Geometry } from './geometry.ts';
import { convolvePixels, type Piece, type Window } from './pixel-convolution.ts';
import { compositeTaps, product, reachBefore, samePads, taps, type Strides } from './strides.ts';
import type { Tiles } from './tiles.ts';

export interface FrontEndOptions {
  readonly geometry: Geometry;
  /** How a frame is cut into images; it is one where nothing is said. */
  readonly tiles?: Tiles | undefined;
  /**
   * Pixels are made floats a strip at a time where they take much more than this, so that the
   * convolution finds them in the cache: 1.3 to 1.5 times as fast at 4K on a CPU. 1.5 MB by
   * default; `Infinity` on a GPU, where it only makes more kernels to start.
   */
  readonly stripBytes?: number;
}

/**
 * Bytes of an ONNX model: Conv 7×7 → ReLU → Conv 3×3 → ReLU on the decoder's own planes.
 *
 * Inputs: `pixels` uint8 [N, 3, height, width] of the grid, planes G, B, R, or one sheet of N tiles, [1, 3, …];
 * `conv1.weight`, `conv1.bias`, `conv2.weight`, `conv2.bias` as in `AdapterWeights`.
 * Output: `image` float32 [N, 3, height, width] of the classifier's input, R, G, B, from 0 up.
 * Bytes become numbers, and planes become R, G, B, in conv1's weights rather than in the pixels.
 */
export function frontEndModel(options: FrontEndOptions): Uint8Array<ArrayBuffer> {
  const { geometry, tiles } = options;
  const cut = cutTiles(geometry, tiles);
  const padded = padEdges(geometry, cut.output);
  const first = firstWindow(geometry);
  const conv1 = convolvePixels(padded.output, first, { ...options, weight: 'conv1.weight', bias: 'conv1.bias' });
  const image = second(geometry, conv1.output);
  return encodeModel(graph(geometry, pixelsOf(geometry, tiles), adapterInputs, [cut, padded, conv1, image]));
}

/** The same in float, for fitting: input `rgb` float32 [N, 3, height, width], R, G, B from 0 to 1. */
export function frontEndFloatModel(geometry: Geometry): GraphModel {
  const padded = padEdges(geometry, 'rgb');
  const { kernel, strides, pads } = firstWindow(geometry);
  const conv1 = node('Conv', [padded.output, 'conv1.weight', 'conv1.bias'], ['conv1'], {
    kernel_shape: ints(...kernel),
    strides: ints(...strides),
    pads: ints(...pads),
  });
  const rgb = { ...pixelsOf(geometry), name: 'rgb', dataType: dataType.float };
  return graph(geometry, rgb, adapterInputs, [padded, piece('conv1', [conv1]), second(geometry, 'conv1')]);
}

/**
 * The front end as one convolution, for adapters that `mergeAdapter` can merge.
 *
 * Inputs: `pixels` as above; `merged.weight` [3, 3, 7 + 2·s₁ of y, 7 + 2·s₁ of x]; `merged.bias` [3].
 */
export function mergedFrontEndModel(options: FrontEndOptions): Uint8Array<ArrayBuffer> {
  const { geometry, tiles } = options;
  const cut = cutTiles(geometry, tiles);
  const padded = padEdges(geometry, cut.output);
  const window = mergedWindow(geometry);
  const sum = convolvePixels(padded.output, window, { ...options, weight: 'merged.weight', bias: 'merged.bias' });
  const inputs = [floatInput('merged.weight', [3, 3, ...window.kernel]), floatInput('merged.bias', [3])];
  const relu = piece('image', [node('Relu', [sum.output], ['image'])]);
  return encodeModel(graph(geometry, pixelsOf(geometry, tiles), inputs, [cut, padded, sum, relu]));
}

const adapterInputs = adapterTensorNames.map((name) => floatInput(name, adapterTensors[name].dims));

function floatInput(name: string, dims: readonly number[]): ValueInfo {
  return { name, dataType: dataType.float, dims };
}

function pixelsOf({ grid }: Geometry, tiles?: Tiles): ValueInfo {
  const { height, width } = tiles?.sheet ?? grid;
  return { name: 'pixels', dataType: dataType.uint8, dims: [tiles ? 1 : 'N', 3, height, width] };
}

/** One sheet of pixels to a batch of tiles, as bytes. */
function cutTiles({ grid }: Geometry, tiles: Tiles | undefined): Piece {
  if (!tiles) return piece('pixels', []);
  const cuts = tiles.corners.map(({ x, y }, i) => {
    const name = `tile${i}`;
    return {
      name,
      node: node('Slice', ['pixels', `${name}.from`, `${name}.to`, 'tileAxes'], [name]),
      bounds: [int64s(`${name}.from`, [y, x]), int64s(`${name}.to`, [y + grid.height, x + grid.width])],
    };
  });
  const names = cuts.map(({ name }) => name);
  const joined = node('Concat', names, ['tiles'], { axis: int(0) });
  return piece(
    'tiles',
    [...cuts.map((cut) => cut.node), joined],
    [int64s('tileAxes', [2, 3]), ...cuts.flatMap(({ bounds }) => bounds)],
  );
}

function piece(output: string, nodes: readonly Node[], initializers: readonly Initializer[] = []): Piece {
  return { output, nodes, initializers };
}

function graph(
  { input }: Geometry,
  pixels: ValueInfo,
  weights: readonly ValueInfo[],
  pieces: readonly Piece[],
): GraphModel {
  return {
    name: 'front-end',
    opset: 17,
    nodes: pieces.flatMap(({ nodes }) => nodes),
    initializers: pieces.flatMap(({ initializers }) => initializers),
    inputs: [pixels, ...weights],
    outputs: [{ name: 'image', dataType: dataType.float, dims: ['N', 3, input.height, input.width] }],
  };
}

/** What the two convolutions together reach beyond the border: before and after, per axis. */
function reach(strides: Strides, padding: Geometry['padding']): readonly [number, number] {
  const before = reachBefore(strides, padding);
  return [before, compositeTaps(strides) - product(strides) - before];
}

/**
 * Repeats the border pixels as far as the two convolutions together reach, so that the samples
 * between them exist beyond the border too. Nothing to do where the padding is black.
 */
function padEdges({ strides, padding }: Geometry, input: string): Piece {
  if (padding === 'zero') return piece(input, []);
  const [top, bottom] = reach(strides.y, padding);
  const [left, right] = reach(strides.x, padding);
  const pads = int64s('pads', [0, 0, top, left, 0, 0, bottom, right]);
  return piece('padded', [node('Pad', [input, 'pads'], ['padded'], { mode: text('edge') })], [pads]);
}

/** Height and width of what the first convolution gets. */
function paddedSize({ grid, strides, padding }: Geometry): Window['size'] {
  if (padding === 'zero') return [grid.height, grid.width];
  const [top, bottom] = reach(strides.y, padding);
  const [left, right] = reach(strides.x, padding);
  return [grid.height + top + bottom, grid.width + left + right];
}

function firstWindow(geometry: Geometry): Window {
  const { x, y } = geometry.strides;
  return {
    size: paddedSize(geometry),
    kernel: [taps[0], taps[0]],
    strides: [y[0], x[0]],
    pads: layerPads(geometry, 0),
  };
}

function mergedWindow(geometry: Geometry): Window {
  const { strides, padding } = geometry;
  const [top, bottom] = padding === 'zero' ? reach(strides.y, padding) : [0, 0];
  const [left, right] = padding === 'zero' ? reach(strides.x, padding) : [0, 0];
  return {
    size: paddedSize(geometry),
    kernel: [compositeTaps(strides.y), compositeTaps(strides.x)],
    strides: [product(strides.y), product(strides.x)],
    pads: [top, left, bottom, right],
  };
}

/** ReLU → Conv 3×3 → ReLU. */
function second(geometry: Geometry, input: string): Piece {
  const { x, y } = geometry.strides;
  const attributes = {
    kernel_shape: ints(taps[1], taps[1]),
    strides: ints(y[1], x[1]),
    pads: ints(...layerPads(geometry, 1)),
  };
  return piece('image', [
    node('Relu', [input], ['relu1']),
    node('Conv', ['relu1', 'conv2.weight', 'conv2.bias'], ['conv2'], attributes),
    node('Relu', ['conv2'], ['image']),
  ]);
}

/** Top, left, bottom, right, as Keras' `same` pads sides that divide evenly; nothing where edges are there already. */
function layerPads({ strides: { x, y }, padding }: Geometry, layer: 0 | 1): Window['pads'] {
  if (padding === 'edge') return [0, 0, 0, 0];
  const [top, left] = [samePads(y)[layer], samePads(x)[layer]];
  return [top, left, taps[layer] - y[layer] - top, taps[layer] - x[layer] - left];
}
