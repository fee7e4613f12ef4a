/** The resizes that classifiers are trained with, as one-dimensional filters at whole-number factors. */
import type { Padding } from './strides.ts';

/**
 * `area`: mean of the block. `nearest`: its middle pixel. `bilinear`: half-pixel centres, no
 * antialiasing (TensorFlow, OpenCV). `triangle` and `bicubic`: antialiased as in Pillow, where
 * they are called bilinear and bicubic (a = −0.5).
 */
export const kernels = ['area', 'nearest', 'bilinear', 'triangle', 'bicubic'] as const;

export type Kernel = (typeof kernels)[number];

/** Weights of consecutive pixels; `start` is the first one's place relative to the output pixel's block. */
export interface Filter {
  readonly start: number;
  readonly weights: readonly number[];
}

/** Wide kernels reach beyond their block, and so beyond the border. */
export function paddingFor(kernel: Kernel): Padding {
  return kernel === 'triangle' || kernel === 'bicubic' ? 'edge' : 'zero';
}

/** The kernel that reduces `factor` pixels to one. The weights sum to 1. */
export function filterOf(kernel: Kernel, factor: number): Filter {
  switch (kernel) {
    case 'area':
      return { start: 0, weights: Array<number>(factor).fill(1 / factor) };
    case 'nearest':
      return { start: Math.floor(factor / 2), weights: [1] };
    case 'bilinear':
      return factor % 2 === 0
        ? { start: factor / 2 - 1, weights: [0.5, 0.5] }
        : { start: (factor - 1) / 2, weights: [1] };
    case 'triangle':
      return antialiased((x) => 1 - x, 1, factor);
    case 'bicubic':
      return antialiased(keys, 2, factor);
  }
}

/** Keys' cubic with a = −0.5 at the distance x, 0 to 2. Reference: Keys 1981, doi 10.1109/TASSP.1981.1163711. */
function keys(x: number): number {
  const a = -0.5;
  return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : (((x - 5) * x + 8) * x - 4) * a;
}

/** The filter stretched over the block: sampled at pixel centres, normalised. */
function antialiased(shape: (distance: number) => number, support: number, factor: number): Filter {
  const centre = factor / 2;
  const start = Math.ceil(centre - support * factor - 0.5);
  const end = Math.floor(centre + support * factor - 0.5);
  const samples = Array.from({ length: end - start + 1 }, (_, i) => {
    const distance = Math.abs(start + i + 0.5 - centre) / factor;
    return distance < support ? shape(distance) : 0;
  });
  const sum = samples.reduce((total, value) => total + value, 0);
  return { start, weights: samples.map((value) => value / sum) };
}
