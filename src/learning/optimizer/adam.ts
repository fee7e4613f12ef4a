import { rateOf, zerosLike, type Optimizer } from './optimizer.ts';

const none = new Float32Array();

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
      const [unbias1, unbias2] = [1 - beta1 ** count, 1 - beta2 ** count];
      const [mean, square, updated] = [zerosLike(parameters), zerosLike(parameters), zerosLike(parameters)];
      // One loop over plain indices: a head has a million parameters.
      parameters.forEach((values, tensor) => {
        const [m = none, v = none, w = none] = [mean[tensor], square[tensor], updated[tensor]];
        const [m0 = none, v0 = none, g0 = none] = [state.mean[tensor], state.square[tensor], gradients[tensor]];
        const rate = rateOf(learningRate, tensor);
        for (let i = 0; i < values.length; i++) {
          const g = g0[i] ?? NaN;
          m[i] = beta1 * (m0[i] ?? NaN) + (1 - beta1) * g;
          v[i] = beta2 * (v0[i] ?? NaN) + (1 - beta2) * g * g;
          const root = Math.sqrt((v[i] ?? NaN) / unbias2);
          w[i] = (values[i] ?? NaN) - (rate * ((m[i] ?? NaN) / unbias1)) / (root + epsilon);
        }
      });
      return { state: { count, mean, square }, parameters: updated };
    },
  };
}
