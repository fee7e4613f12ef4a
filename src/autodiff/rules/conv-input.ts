/**
 * The gradient of a convolution with respect to its input, as convolutions again: that is what engines are
 * fastest at. One for each phase of a stride (`phase-kernel.ts`), or one whose channels are the phases; with
 * stride 1 there is one phase: the flipped kernel.
 */
import { ints } from '../../onnx/build.ts';
import { dataType, type Initializer } from '../../onnx/model.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { isZero } from '../quantised.ts';
import { at, elementCount, indices } from '../tensor-type.ts';
import type { Window } from '../windows.ts';
import { interleaved, interleavedChannels } from './interleave.ts';
import { spacedImage } from './spaced-image.ts';
import { commonTaps, ownTaps, phaseKernel, type Phase, type PhaseKernel, type PhaseTaps } from './phase-kernel.ts';

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
  const { builder: b, weights, groups, windows } = conv;
  if (windows.every(({ stride }) => stride === 1)) return convolved(conv, phasesOf(windows, ownTaps));
  const perGroup = at(b.dims(weights), 1);
  // With one channel to a group, engines have a fast kernel only where each group makes one channel too.
  if (groups > 1 && perGroup === 1) return spacedOut(conv);
  return withinInput(b, perGroup * groups < fewChannels ? phasesAsChannels(conv) : phaseByPhase(conv), windows);
}

/**
 * Where an image has fewer, such as the three of a picture, one convolution with all phases for channels costs
 * engines less than several with next to none, though a 3×3 kernel with stride 2 then takes 16 taps and not 9.
 */
const fewChannels = 8;

function phasesAsChannels(conv: ConvGradient): string {
  const { builder: b, windows } = conv;
  const strides = windows.map(({ stride }) => stride);
  return interleavedChannels(b, convolved(conv, phasesOf(windows, commonTaps)), strides);
}

function phaseByPhase(conv: ConvGradient): string {
  const { builder: b, windows } = conv;
  const phases = phasesOf(windows, ownTaps).map((phase) => convolved(conv, [phase]));
  return interleaved(
    b,
    phases,
    windows.map(({ stride }) => stride),
  );
}

/** Zeros between the gradients, then the flipped kernel with stride 1. */
function spacedOut(conv: ConvGradient): string {
  const { builder: b, gradient, windows } = conv;
  // The same taps without stride, over an input that is padded already.
  const dense = windows.map((window) => {
    const margin = window.span - 1;
    return { ...window, stride: 1, begin: margin, end: 0, output: window.input + margin };
  });
  const apart = { ...conv, gradient: spacedImage(b, gradient, windows), windows: dense };
  return convolved(apart, phasesOf(dense, ownTaps));
}

/** Row-major over the axes. */
function phasesOf(windows: readonly Window[], taps: (window: Window) => readonly PhaseTaps[]): Phase[] {
  const perAxis = windows.map(taps);
  return Array.from(indices(perAxis.map(({ length }) => length)), (index) =>
    index.map((phase, axis) => at(at(perAxis, axis), phase)),
  );
}

/** The first and the last row of the interleaved grid that hold rows of the input, one in `stride` of them each. */
const firstRow = ({ begin, stride }: Window) => Math.floor(begin / stride);
const lastRow = ({ begin, input, stride }: Window) => Math.floor((begin + input - 1) / stride);

/** The rows of these phases, whose taps lie alike: [N, C_in · phases, rows…]. */
function convolved(conv: ConvGradient, phases: readonly Phase[]): string {
  const { builder: b, gradient, weights, windows, groups } = conv;
  const kernel = phaseKernel(b.dims(weights), groups, phases);
  const rows = windows.map((window) => lastRow(window) - firstRow(window) + 1);
  if (elementCount(kernel.dims) === 0) {
    const { dataType: type, dims } = b.type(gradient);
    return b.zeros([at(dims, 0), at(kernel.dims, 0), ...rows], type);
  }
  const taps = at(phases, 0);
  const before = windows.map((window, i) => {
    const { first, step, taps: along } = at(taps, i);
    return first + step * (along.length - 1) - firstRow(window);
  });
  const after = windows.map((window, i) => lastRow(window) - at(taps, i).first - window.output + 1);
  const cropped = b.pad(
    gradient,
    [0, 0, ...before.map((count) => Math.min(count, 0))],
    [0, 0, ...after.map((count) => Math.min(count, 0))],
  );
  return b.op('Conv', [cropped, kernelTensor(conv, kernel)], {
    group: { kind: 'int', value: groups },
    dilations: ints(...taps.map(({ step }) => step)),
    pads: ints(...[...before, ...after].map((count) => Math.max(count, 0))),
  });
}

/** The rows of the interleaved grid that are the input's. */
function withinInput(b: GraphBuilder, grid: string, windows: readonly Window[]): string {
  const spatial = b.dims(grid).slice(2);
  const starts = windows.map((window) => window.begin - firstRow(window) * window.stride);
  if (windows.every(({ input }, i) => starts[i] === 0 && spatial[i] === input)) return grid;
  return b.slice(
    grid,
    starts,
    windows.map(({ input }, i) => at(starts, i) + input),
    windows.map((_, i) => i + 2),
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
