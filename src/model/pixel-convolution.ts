/** A convolution of the decoder's bytes with weights that are meant for R, G, B from 0 to 1. */
import { floats, int, int64s, ints, node } from '../onnx/build.ts';
import { dataType, type Initializer, type Node } from '../onnx/model.ts';

/** A part of a graph: the tensor that it makes, and how. */
export interface Piece {
  readonly output: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
}

/** Which pixels the kernel meets; vertical before horizontal. */
export interface Window {
  /** Of the input. */
  readonly size: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [top: number, left: number, bottom: number, right: number];
}

interface Options {
  readonly weight: string;
  readonly bias: string;
  readonly stripBytes?: number;
}

/** Well inside of a core's cache, and not so small that starting the operators is felt. */
const defaultStripBytes = 1.5e6;

/** The decoder's planes are G, B, R: what each is of R, G, B. */
const planeColours = [
  [0, 1, 0],
  [0, 0, 1],
  [1, 0, 0],
];

/** Conv of `input`, uint8 [N, 3, height, width], zero padding meaning black, in strips of rows where it is large. */
export function convolvePixels(input: string, window: Window, options: Options): Piece {
  const { stripBytes = defaultStripBytes } = options;
  const strips = stripsOf(window, stripBytes).map((strip, i) => convolveStrip(input, strip, i, window, options));
  const joined =
    strips.length === 1
      ? []
      : [
          node(
            'Concat',
            strips.map(({ output }) => output),
            ['sum'],
            { axis: int(2) },
          ),
        ];
  const shape = [3, 3, ...window.kernel];
  return {
    output: joined.length === 0 ? (strips[0]?.output ?? '') : 'sum',
    nodes: [...foldColours(options.weight), ...strips.flatMap(({ nodes }) => nodes), ...joined],
    initializers: [
      int64s('flat', [3, 3, window.kernel[0] * window.kernel[1]]),
      int64s('square', shape),
      floats(
        'colours',
        planeColours.flat().map((share) => share / 255),
        [3, 3],
      ),
      int64s('rowAxis', [2]),
      ...strips.flatMap(({ initializers }) => initializers),
    ],
  };
}

/** W'[o, plane] = Σ_c W[o, c] · M[plane, c] / 255: a few thousand products instead of one pass over the pixels. */
function foldColours(weight: string): readonly Node[] {
  return [
    node('Reshape', [weight, 'flat'], ['weight.flat']),
    node('MatMul', ['colours', 'weight.flat'], ['weight.planes']),
    node('Reshape', ['weight.planes', 'square'], ['weight.folded']),
  ];
}

/** Rows of the input, end excluded, with what of the padding is theirs. */
interface Strip {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

function stripsOf({ size: [height, width], kernel, strides, pads }: Window, stripBytes: number): readonly Strip[] {
  const rows = (height + pads[0] + pads[2] - kernel[0]) / strides[0] + 1;
  const rowBytes = 3 * width * Float32Array.BYTES_PER_ELEMENT;
  if (height * rowBytes <= 2 * stripBytes) return [{ from: 0, to: height, top: pads[0], bottom: pads[2] }];
  const count = Math.min(rows, Math.ceil((height * rowBytes) / stripBytes));
  return Array.from({ length: count }, (_, i) => {
    const first = Math.round((rows * i) / count) * strides[0] - pads[0];
    const end = (Math.round((rows * (i + 1)) / count) - 1) * strides[0] - pads[0] + kernel[0];
    const [from, to] = [Math.max(0, first), Math.min(height, end)];
    return { from, to, top: from - first, bottom: end - to };
  });
}

function convolveStrip(input: string, strip: Strip, index: number, window: Window, options: Options): Piece {
  const [whole, name] = [strip.from === 0 && strip.to === window.size[0], `strip${index}`];
  const bytes = whole ? input : `${name}.bytes`;
  const cast = `${name}.cast`;
  const attributes = {
    kernel_shape: ints(...window.kernel),
    strides: ints(...window.strides),
    pads: ints(strip.top, window.pads[1], strip.bottom, window.pads[3]),
  };
  return {
    output: name,
    nodes: [
      ...(whole ? [] : [node('Slice', [input, `${name}.from`, `${name}.to`, 'rowAxis'], [bytes])]),
      node('Cast', [bytes], [cast], { to: int(dataType.float) }),
      node('Conv', [cast, 'weight.folded', options.bias], [name], attributes),
    ],
    initializers: whole ? [] : [int64s(`${name}.from`, [strip.from]), int64s(`${name}.to`, [strip.to])],
  };
}
