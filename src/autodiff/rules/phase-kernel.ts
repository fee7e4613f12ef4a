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
  const strides = windows.map(({ stride }) => stride);
  const outputsPerGroup = outputs / groups;
  const lengths = taps.map((perPhase) => at(perPhase, 0).length);
  const dims = [inputsPerGroup * groups * elementCount(strides), outputsPerGroup, ...lengths];
  const places = new Int32Array(elementCount(dims)).fill(-1);
  let i = 0;
  for (let input = 0; input < inputsPerGroup * groups; input++) {
    const firstOutput = Math.floor(input / inputsPerGroup) * outputsPerGroup;
    for (const phase of indices(strides)) {
      for (let output = 0; output < outputsPerGroup; output++) {
        const row = (firstOutput + output) * inputsPerGroup + (input % inputsPerGroup);
        for (const position of indices(lengths)) {
          const tap = position.map((m, axis) => at(at(at(taps, axis), at(phase, axis)), m));
          const inside = tap.every((k) => k >= 0);
          if (inside) places[i] = tap.reduce((place, k, axis) => place * at(kernel, axis) + k, row);
          i++;
        }
      }
    }
  }
  const dilations = windows.map(({ stride, dilation }) => (stride === 1 ? dilation : 1));
  return { dims, places, dilations, spans: lengths.map((length, axis) => at(dilations, axis) * (length - 1) + 1) };
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
