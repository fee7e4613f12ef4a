/** A convolution of the decoder's bytes with kernels that are meant for R, G, B from 0 to 1. */
import { floats, int, int64s, ints, node, text } from '../../onnx/build.ts';
import { dataType, type Node } from '../../onnx/model.ts';
import { beyond, type Axis, type Window } from './axis.ts';
import type { Kernels } from './kernels.ts';
import type { FormOptions } from './options.ts';
import { joined, type Piece } from './piece.ts';

interface PixelOptions extends FormOptions {
  /** A ReLU follows. */
  readonly relu: boolean;
}

/** Of the decoder's planes, which are G, B, R. */
const planeOfColour = [2, 0, 1] as const;

/**
 * Input: uint8 [N, 3, height, width], planes G, B, R.
 * Output: float32 [N, kernels.outputs, window.y.outputs, window.x.outputs].
 */
export function convolvePixels(window: Window, kernels: Kernels, options: PixelOptions): Piece {
  const { padding, relu, stripBytes } = options;
  const given = { window, piece: { output: options.pixels, nodes: [], initializers: [] } };
  const padded = padding === 'edge' ? padEdges(options.pixels, window) : given;
  const strips = stripsOf(padded.window, stripBytes).map((strip, i) =>
    convolveStrip(padded.piece.output, strip, i, padded.window, relu),
  );
  const { y } = padded.window;
  const whole = (): Piece => ({
    output: 'sum',
    nodes: convolveBytes(padded.piece.output, 'sum', [y.before, Math.max(0, beyond(y))], padded.window, relu),
    initializers: [],
  });
  return joined([padded.piece, constants(kernels), strips.length === 0 ? whole() : inStrips(strips)]);
}

function inStrips(strips: readonly Piece[]): Piece {
  const outputs = strips.map(({ output }) => output);
  const concatenated = node('Concat', outputs, ['sum'], { axis: int(2) });
  const all = joined(strips);
  return {
    output: 'sum',
    nodes: [...all.nodes, concatenated],
    initializers: [...all.initializers, int64s('rowAxis', [2])],
  };
}

function constants(kernels: Kernels): Piece {
  const { outputs, inputs, height, width, bias } = kernels;
  const weight = floats('pixels.weight', forBytes(kernels), [outputs, inputs, height, width]);
  return { output: 'pixels.weight', nodes: [], initializers: [weight, floats('pixels.bias', bias)] };
}

/** The same for planes G, B, R and values of 0 to 255. */
function forBytes({ weights, inputs, height, width }: Kernels): Float64Array {
  const size = height * width;
  const kernels = new Float64Array(weights.length);
  for (let from = 0; from < weights.length; from += size) {
    const channel = (from / size) % inputs;
    const to = from + ((planeOfColour[channel] ?? channel) - channel) * size;
    weights.subarray(from, from + size).forEach((weight, i) => (kernels[to + i] = weight / 255));
  }
  return kernels;
}

/** Repeats the border pixels as far as the window reaches; it reaches no further then. */
function padEdges(pixels: string, { y, x }: Window): { readonly window: Window; readonly piece: Piece } {
  const pads = [0, 0, y.before, x.before, 0, 0, Math.max(0, beyond(y)), Math.max(0, beyond(x))];
  const window = { y: padded(y), x: padded(x) };
  const piece = {
    output: 'padded',
    nodes: [node('Pad', [pixels, 'pads'], ['padded'], { mode: text('edge') })],
    initializers: [int64s('pads', pads)],
  };
  return { window, piece };
}

function padded(axis: Axis): Axis {
  return { ...axis, size: axis.before + axis.size + Math.max(0, beyond(axis)), before: 0 };
}

/** Rows of the input, end excluded, with what of the padding is theirs. */
interface Strip {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

/** None where the whole is small enough. */
function stripsOf({ y, x }: Window, stripBytes: number): readonly Strip[] {
  const { outputs, stride, taps, size, before } = y;
  const bytes = 3 * x.size * size * Float32Array.BYTES_PER_ELEMENT;
  if (bytes <= 2 * stripBytes) return [];
  const count = Math.min(outputs, Math.ceil(bytes / stripBytes));
  return Array.from({ length: count }, (_, i) => {
    const first = Math.round((outputs * i) / count) * stride - before;
    const end = (Math.round((outputs * (i + 1)) / count) - 1) * stride - before + taps;
    const [from, to] = [Math.max(0, first), Math.min(size, end)];
    return { from, to, top: from - first, bottom: end - to };
  });
}

function convolveStrip(input: string, strip: Strip, index: number, window: Window, relu: boolean): Piece {
  const name = `strip${index}`;
  const cut = node('Slice', [input, `${name}.from`, `${name}.to`, 'rowAxis'], [`${name}.bytes`]);
  const convolved = convolveBytes(`${name}.bytes`, name, [strip.top, strip.bottom], window, relu);
  return {
    output: name,
    nodes: [cut, ...convolved],
    initializers: [int64s(`${name}.from`, [strip.from]), int64s(`${name}.to`, [strip.to])],
  };
}

function convolveBytes(
  input: string,
  output: string,
  [top, bottom]: readonly [number, number],
  { y, x }: Window,
  relu: boolean,
): readonly Node[] {
  const sum = relu ? `${output}.sum` : output;
  const attributes = {
    kernel_shape: ints(y.taps, x.taps),
    strides: ints(y.stride, x.stride),
    pads: ints(top, x.before, bottom, Math.max(0, beyond(x))),
  };
  return [
    node('Cast', [input], [`${output}.floats`], { to: int(dataType.float) }),
    node('Conv', [`${output}.floats`, 'pixels.weight', 'pixels.bias'], [sum], attributes),
    ...(relu ? [node('Relu', [sum], [output])] : []),
  ];
}
