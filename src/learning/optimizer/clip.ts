import { mapArrays } from './optimizer.ts';

/** Length of all gradients taken as one vector. */
export function globalNorm(gradients: readonly Float32Array[]): number {
  return Math.sqrt(gradients.reduce((sum, array) => array.reduce((inner, g) => inner + g * g, sum), 0));
}

/**
 * The gradients, shortened to the length `limit` where they are longer; their direction stays.
 *
 * Reference: Pascanu, Mikolov and Bengio, arXiv 1211.5063, section 3.2.
 */
export function clipByGlobalNorm(gradients: readonly Float32Array[], limit: number): readonly Float32Array[] {
  const norm = globalNorm(gradients);
  if (!(norm > limit)) return gradients;
  return mapArrays(([g = NaN]) => (g * limit) / norm, gradients);
}
