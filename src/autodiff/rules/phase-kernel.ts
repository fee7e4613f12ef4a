/** Where each weight of a convolution goes in the kernel that computes its input's gradient. */
import { at, elementCount, indices } from '../tensor-type.ts';
import type { Window } from '../windows.ts';

export interface PhaseKernel {
  /** [C_in · Πstride, C_out ÷ groups, taps…] */
  readonly dims: readonly number[];
  /** For each element the flat index of its weight in [C_out, C_in ÷ groups, …]; −1 for a zero. */
  readonly places: Int32Array;
  readonly dilations: readonly number[];
  /** Reach of the taps per axis, rows of the output. */
  readonly spans: readonly number[];
}

/** Output channel c·Πs + r is phase r (row-major over the axes) of input channel c. */
export function phaseKernel(weights: readonly number[], groups: number, windows: readonly Window[]): PhaseKernel {
  const [outputs = 1, inputsPerGroup = 1, ...kernel] = weights;
  const taps = windows.map(tapsOf);
  const lengths = taps.map((perPhase) => at(perPhase, 0).length);
  const phases = Array.from(indices(windows.map(({ stride }) => stride)), (phase) => tapPlaces(taps, phase, kernel));
  const outputsPerGroup = outputs / groups;
  const inputs = inputsPerGroup * groups;
  const places = new Int32Array(inputs * phases.length * outputsPerGroup * elementCount(lengths));
  const size = elementCount(kernel);
  let i = 0;
  for (let input = 0; input < inputs; input++) {
    const firstOutput = Math.floor(input / inputsPerGroup) * outputsPerGroup;
    for (const phase of phases) {
      for (let output = firstOutput; output < firstOutput + outputsPerGroup; output++) {
        const row = (output * inputsPerGroup + (input % inputsPerGroup)) * size;
        for (const place of phase) places[i++] = place < 0 ? -1 : row + place;
      }
    }
  }
  const dilations = windows.map(({ stride, dilation }) => (stride === 1 ? dilation : 1));
  return {
    dims: [inputs * phases.length, outputsPerGroup, ...lengths],
    places,
    dilations,
    spans: lengths.map((length, axis) => at(dilations, axis) * (length - 1) + 1),
  };
}

/** Of one phase: the flat index in the kernel for each position of the taps; −1 where there is none. */
function tapPlaces(taps: readonly number[][][], phase: readonly number[], kernel: readonly number[]): number[] {
  const perAxis = taps.map((perPhase, axis) => at(perPhase, at(phase, axis)));
  return Array.from(indices(perAxis.map(({ length }) => length)), (position) => {
    const tap = position.map((m, axis) => at(at(perAxis, axis), m));
    return tap.every((k) => k >= 0) ? tap.reduce((place, k, axis) => place * at(kernel, axis) + k, 0) : -1;
  });
}

/** For each phase of one axis the taps in flipped order, −1 where there is none. */
function tapsOf({ kernel, stride, dilation, span }: Window): number[][] {
  if (stride === 1) return [Array.from({ length: kernel }, (_, i) => kernel - 1 - i)];
  const length = Math.ceil(span / stride);
  return Array.from({ length: stride }, (_, phase) =>
    Array.from({ length }, (_, i) => {
      const k = (stride * (length - 1 - i) + phase) / dilation;
      return Number.isInteger(k) && k < kernel ? k : -1;
    }),
  );
}
