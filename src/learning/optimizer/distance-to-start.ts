import { mapArrays } from './optimizer.ts';

/**
 * Pulls the parameters towards where they began: the gradient of `½λ‖w − w₀‖²`, added to the loss's own.
 *
 * Reference: Li, Grandvalet and Davoine, arXiv 1802.01483, equation 2 (L²-SP).
 */
export function pulledToStart(
  gradients: readonly Float32Array[],
  parameters: readonly Float32Array[],
  start: readonly Float32Array[],
  lambda: number,
): readonly Float32Array[] {
  if (lambda === 0) return gradients;
  return mapArrays(([g = NaN, w = NaN, w0 = NaN]) => g + lambda * (w - w0), gradients, parameters, start);
}
