/** Both convolutions as one, in phases or, where its kernels have little in common, as it is. */
import type { Composite } from './composite.ts';
import { convolvePixels } from './convolve-pixels.ts';
import { blockedCost, plainCost } from './cost.ts';
import type { FormOptions } from './options.ts';
import { kernelsInPhases, pictureFromPhases, windowInPhases, type Phases } from './phases.ts';
import { joined, type Piece } from './piece.ts';

/** For each pixel of the image. */
export function mergedCost({ window }: Composite, phases: Phases): number {
  const { y, x } = windowInPhases(window, phases);
  const area = phases.y * phases.x;
  return area === 1 ? plainCost(y.taps * x.taps) : blockedCost(3 * area, 3, y.taps * x.taps) / area;
}

export function mergedForm({ kernels, window }: Composite, phases: Phases, options: FormOptions): Piece {
  const phased = kernelsInPhases(kernels, window, phases);
  const sum = convolvePixels(windowInPhases(window, phases), phased, { ...options, relu: true });
  return joined([sum, pictureFromPhases(sum.output, phased.outputs, window, phases)]);
}
