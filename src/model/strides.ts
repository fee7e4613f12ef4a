/** How one axis is reduced: the split of its factor over the two convolutions. */

/** Strides of the first (7 taps) and of the second convolution (3 taps). */
export type Strides = readonly [first: number, second: number];

/** Taps along one axis of the two convolutions. */
export const taps = [7, 3] as const;

/**
 * Factors that two strides reach, smallest first.
 *
 * The stride sits in the first convolution where it can, since that ties the work to the output.
 * Two is the exception: (1, 2) makes every symmetric filter of up to 8 taps exact at 2×.
 */
const splits: readonly Strides[] = [
  [1, 1],
  [1, 2],
  [3, 1],
  [2, 2],
  [5, 1],
  [3, 2],
  [7, 1],
  [4, 2],
  [5, 2],
  [6, 2],
  [7, 2],
];

/** Dearer by 2.2: only where 14 would leave the decoder more than a fifth to do. */
const farSplits: readonly Strides[] = [
  [6, 3],
  [7, 3],
];

const farFrom = 14 * 1.2;

/** The largest split that does not exceed `factor` = region ÷ classifier input; (1, 1) below 1. */
export function stridesFor(factor: number): Strides {
  const candidates = factor > farFrom ? [...splits, ...farSplits] : splits;
  return candidates.findLast((strides) => product(strides) <= factor) ?? [1, 1];
}

/** Input pixels per output pixel. */
export function product([first, second]: Strides): number {
  return first * second;
}

/** Padding before the first sample of each convolution as Keras' `same` has it, for sides that divide evenly. */
export function samePads([first, second]: Strides): readonly [number, number] {
  return [Math.floor((taps[0] - first) / 2), Math.floor((taps[1] - second) / 2)];
}

/** Length of both convolutions taken as one filter on the input. */
export function compositeTaps([first]: Strides): number {
  return taps[0] + (taps[1] - 1) * first;
}

export type Padding = 'zero' | 'edge';

/**
 * Pixels that the composite filter reaches before the block of its output pixel.
 *
 * Zero padding follows Keras, whose phase makes `area` exact; replicated edges allow the phase
 * that is centred on the block, which symmetric filters want.
 */
export function reachBefore(strides: Strides, padding: Padding): number {
  const [before, between] = samePads(strides);
  if (padding === 'zero') return before + strides[0] * between;
  return Math.floor((compositeTaps(strides) - product(strides)) / 2);
}
