/**
 * The kernels that compute the gradient of a convolution's input, phase by phase.
 *
 * With stride s, x[s·q + r − begin] gets Σ g[q − m]·w[k] over the taps with dilation·k = s·m + r. Each phase r
 * of the input is therefore an ordinary convolution of g without stride, by some of the taps, flipped.
 */
import { at, elementCount, indices } from '../tensor-type.ts';
import type { Window } from '../windows.ts';

/** The taps of one phase along one axis, in flipped order: from the last place m to the first. */
export interface PhaseTaps {
  /** Index in the kernel for each; −1 where there is none. */
  readonly taps: readonly number[];
  /** Distance of neighbours, places. */
  readonly step: number;
  /** The place m of the last one. */
  readonly first: number;
}

/** One phase along each axis. */
export type Phase = readonly PhaseTaps[];

export interface PhaseKernel {
  /** [C_in · phases, C_out ÷ groups, taps…] */
  readonly dims: readonly number[];
  /** For each element the flat index of its weight in [C_out, C_in ÷ groups, …]; −1 for a zero. */
  readonly places: Int32Array;
}

/** The taps of each phase of an axis alone: as few as there are. */
export function ownTaps({ kernel, stride, dilation }: Window): PhaseTaps[] {
  return Array.from({ length: stride }, (_, phase) => {
    const taps = Array.from({ length: kernel }, (_unused, k) => k).filter((k) => (k * dilation) % stride === phase);
    const place = (k: number) => (k * dilation - phase) / stride;
    const [k0 = 0, k1 = k0] = taps;
    return { taps: taps.reverse(), step: Math.max(place(k1) - place(k0), 1), first: taps.length > 0 ? place(k0) : 0 };
  });
}

/** The same with places that the phases have in common, so that one convolution computes all of them. */
export function commonTaps(window: Window): PhaseTaps[] {
  const { kernel, stride, dilation, span } = window;
  if (stride === 1) return ownTaps(window);
  const length = Math.ceil(span / stride);
  return Array.from({ length: stride }, (_, phase) => {
    const taps = Array.from({ length }, (_unused, i) => {
      const k = (stride * (length - 1 - i) + phase) / dilation;
      return Number.isInteger(k) && k < kernel ? k : -1;
    });
    return { taps, step: 1, first: 0 };
  });
}

/** The kernel of these phases, whose taps lie alike. Output channel c·phases + i is phase i of input channel c. */
export function phaseKernel(weights: readonly number[], groups: number, phases: readonly Phase[]): PhaseKernel {
  const [outputs = 1, inputsPerGroup = 1, ...kernel] = weights;
  const lengths = at(phases, 0).map(({ taps }) => taps.length);
  const taken = phases.map((phase) => tapPlaces(phase, kernel));
  const outputsPerGroup = outputs / groups;
  const inputs = inputsPerGroup * groups;
  const places = new Int32Array(inputs * phases.length * outputsPerGroup * elementCount(lengths));
  const size = elementCount(kernel);
  let i = 0;
  for (let input = 0; input < inputs; input++) {
    const firstOutput = Math.floor(input / inputsPerGroup) * outputsPerGroup;
    for (const phase of taken) {
      for (let output = firstOutput; output < firstOutput + outputsPerGroup; output++) {
        const row = (output * inputsPerGroup + (input % inputsPerGroup)) * size;
        for (const place of phase) places[i++] = place < 0 ? -1 : row + place;
      }
    }
  }
  return { dims: [inputs * phases.length, outputsPerGroup, ...lengths], places };
}

/** Of one phase: the flat index in the kernel for each position of the taps; −1 where there is none. */
function tapPlaces(phase: Phase, kernel: readonly number[]): number[] {
  return Array.from(indices(phase.map(({ taps }) => taps.length)), (position) => {
    const tap = position.map((i, axis) => at(at(phase, axis).taps, i));
    return tap.every((k) => k >= 0) ? tap.reduce((place, k, axis) => place * at(kernel, axis) + k, 0) : -1;
  });
}
