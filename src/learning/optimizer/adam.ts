import { mapArrays, rateOf, zerosLike, type Optimizer } from './optimizer.ts';

export interface AdamOptions {
  /** Decay of the mean of the gradients, 0 to 1; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the mean of their squares, 0 to 1; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root, above 0; 1e-8 by default. */
  readonly epsilon?: number;
}

export interface AdamState {
  /** Steps done. */
  readonly count: number;
  readonly mean: readonly Float32Array<ArrayBuffer>[];
  readonly square: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Adam: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `w ← w − η · m̂ / (√v̂ + ε)` with
 * `m̂ = m / (1−β₁ᵗ)` and `v̂ = v / (1−β₂ᵗ)`.
 *
 * Reference: Kingma and Ba, arXiv 1412.6980, algorithm 1.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer<AdamState> {
  return {
    init: (parameters) => ({ count: 0, mean: zerosLike(parameters), square: zerosLike(parameters) }),
    update: (state, parameters, gradients, learningRate) => {
      const count = state.count + 1;
      const mean = mapArrays(([m = NaN, g = NaN]) => beta1 * m + (1 - beta1) * g, state.mean, gradients);
      const square = mapArrays(([v = NaN, g = NaN]) => beta2 * v + (1 - beta2) * g * g, state.square, gradients);
      const [unbias1, unbias2] = [1 - beta1 ** count, 1 - beta2 ** count];
      const step = ([w = NaN, m = NaN, v = NaN]: readonly number[], tensor: number) =>
        w - (rateOf(learningRate, tensor) * (m / unbias1)) / (Math.sqrt(v / unbias2) + epsilon);
      return { state: { count, mean, square }, parameters: mapArrays(step, parameters, mean, square) };
    },
  };
}
