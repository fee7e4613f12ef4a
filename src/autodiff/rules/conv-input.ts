/**
 * The gradient of a convolution with respect to its input, as a convolution again: that is what engines are
 * fastest at.
 *
 * With stride s, x[s·q + r − begin] gets Σ g[q − m]·w[k] over the taps with dilation·k = s·m + r. Each phase
 * r of the input is therefore an ordinary convolution of g, over ⌈span ÷ s⌉ taps; the phases are computed as
 * channels of one convolution and then interleaved. With stride 1 there is one phase: the flipped kernel.
 */
import { dataType, ints, type Attribute, type Initializer } from '../../onnx/model.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { at, elementCount } from '../tensor-type.ts';
import type { Window } from '../windows.ts';
import { isZero } from '../quantised.ts';
import { phaseKernel, type PhaseKernel } from './phase-kernel.ts';
import { spacedImage } from './spaced-image.ts';

export interface ConvGradient {
  readonly builder: GraphBuilder;
  /** Of the output, [N, C_out, …]. */
  readonly gradient: string;
  /** [C_out, C_in ÷ groups, …] */
  readonly weights: string;
  readonly groups: number;
  readonly windows: readonly Window[];
}

/** [N, C_in, …] */
export function convInputGradient(conv: ConvGradient): string {
  const perGroup = at(conv.builder.dims(conv.weights), 1);
  // With one channel to a group, engines have a fast kernel only where each group makes one channel too.
  const depthwise = conv.groups > 1 && perGroup === 1;
  return depthwise ? spacedOut(conv) : phaseByPhase(conv);
}

/** Zeros between the gradients, then the flipped kernel with stride 1. */
function spacedOut(conv: ConvGradient): string {
  const { builder: b, gradient, windows } = conv;
  if (windows.every(({ stride }) => stride === 1)) return phaseByPhase(conv);
  const apart = spacedImage(b, gradient, windows);
  // The same taps without stride, over an input that is padded already.
  const dense = windows.map((window) => ({
    ...window,
    stride: 1,
    begin: window.span - 1,
    end: 0,
    output: window.input,
  }));
  const kernel = phaseKernel(b.dims(conv.weights), conv.groups, dense);
  return b.op('Conv', [apart, kernelTensor(conv, kernel)], convAttributes(conv.groups, kernel.dilations));
}

function phaseByPhase(conv: ConvGradient): string {
  const { builder: b, windows, groups } = conv;
  const kernel = phaseKernel(b.dims(conv.weights), groups, windows);
  // Rows q of the interleaved grid, first to last, that hold the input.
  const reach = windows.map(({ begin, input, stride, output }, i) => {
    const first = Math.floor(begin / stride);
    const last = Math.floor((begin + input - 1) / stride);
    const span = at(kernel.spans, i);
    return { first, before: span - 1 - first, after: last - output + 1 };
  });
  const cropped = b.pad(
    conv.gradient,
    [0, 0, ...reach.map(({ before }) => Math.min(before, 0))],
    [0, 0, ...reach.map(({ after }) => Math.min(after, 0))],
  );
  const pads = [...reach.map(({ before }) => Math.max(before, 0)), ...reach.map(({ after }) => Math.max(after, 0))];
  const phases = b.op('Conv', [cropped, kernelTensor(conv, kernel)], {
    ...convAttributes(groups, kernel.dilations),
    pads: ints(...pads),
  });
  const whole = interleaved(b, phases, windows);
  const starts = windows.map(({ begin, stride }, i) => begin - at(reach, i).first * stride);
  return cut(
    b,
    whole,
    starts,
    windows.map(({ input }) => input),
  );
}

function convAttributes(groups: number, dilations: readonly number[]): Record<string, Attribute> {
  return { group: { kind: 'int', value: groups }, dilations: ints(...dilations) };
}

/** [N, C·Πs, q…] → [N, C, q·s…], the phases of a channel lying side by side. */
function interleaved(b: GraphBuilder, x: string, windows: readonly Window[]): string {
  const strides = windows.map(({ stride }) => stride);
  if (strides.every((stride) => stride === 1)) return x;
  const [batch = 1, channels = 1, ...rows] = b.dims(x);
  if (strides.length === 2 && strides[0] === strides[1]) {
    return b.op('DepthToSpace', [x], {
      blocksize: { kind: 'int', value: at(strides, 0) },
      mode: { kind: 'string', value: 'CRD' },
    });
  }
  const c = channels / elementCount(strides);
  const parts = b.reshape(x, [batch, c, ...strides, ...rows]);
  const order = rows.flatMap((_, i) => [2 + rows.length + i, 2 + i]);
  return b.reshape(b.transpose(parts, [0, 1, ...order]), [batch, c, ...rows.map((row, i) => row * at(strides, i))]);
}

function cut(b: GraphBuilder, x: string, starts: readonly number[], lengths: readonly number[]): string {
  const spatial = b.dims(x).slice(2);
  if (starts.every((start, i) => start === 0 && spatial[i] === lengths[i])) return x;
  const ends = starts.map((start, i) => start + at(lengths, i));
  return b.slice(
    x,
    starts,
    ends,
    starts.map((_, i) => i + 2),
  );
}

/** The weights rearranged: here where they are constant, in the graph where they are not. */
function kernelTensor({ builder: b, weights, groups }: ConvGradient, kernel: PhaseKernel): string {
  const quantised = groups === 1 ? b.quantisedConstant(weights) : undefined;
  if (quantised?.axis === 0 && (quantised.zero === undefined || isZero(quantised.zero))) {
    // Stays as small as it was stored; the scales now belong to the second axis.
    const data = gathered(quantised.values.data, kernel);
    return b.dequantize({ ...quantised, values: { ...quantised.values, name: '', data, dims: kernel.dims }, axis: 1 });
  }
  const constant = b.constantValue(weights);
  if (constant !== undefined) {
    return b.store(constant.dataType, gathered(constant.data, kernel), kernel.dims);
  }
  const flat = b.reshape(weights, [-1]);
  const withZero = b.op('Concat', [flat, b.constant([0], [1], b.type(weights).dataType)], {
    axis: { kind: 'int', value: 0 },
  });
  const zero = elementCount(b.dims(weights));
  const places = Array.from(kernel.places, (place) => (place < 0 ? zero : place));
  return b.op('Gather', [withZero, b.constant(places, kernel.dims, dataType.int32)]);
}

/** The values at their places, zeros elsewhere. */
function gathered<T extends Initializer['data']>(values: T, { places }: PhaseKernel): T {
  const result = new (values.constructor as new (length: number) => T)(places.length);
  // By index: for..of over tens of millions of elements is ten times as slow.
  for (let i = 0; i < places.length; i++) {
    const value = values[places[i] ?? -1];
    if (value !== undefined) result[i] = value;
  }
  return result;
}
