import { mapArrays, rateOf, zerosLike, type Optimizer } from './optimizer.ts';

export interface SgdState {
  readonly velocity: readonly Float32Array<ArrayBuffer>[];
}

/**
 * Stochastic gradient descent with momentum: `v ← μv − ηg`, `w ← w + v`; μ is 0 by default.
 *
 * Reference: `tf.keras.optimizers.SGD`, without Nesterov's change.
 */
export function sgd({ momentum = 0 }: { readonly momentum?: number } = {}): Optimizer<SgdState> {
  return {
    init: (parameters) => ({ velocity: zerosLike(parameters) }),
    update: (state, parameters, gradients, learningRate) => {
      const accelerate = ([v = NaN, g = NaN]: readonly number[], tensor: number) =>
        momentum * v - rateOf(learningRate, tensor) * g;
      const velocity = mapArrays(accelerate, state.velocity, gradients);
      return { state: { velocity }, parameters: mapArrays(([w = NaN, v = NaN]) => w + v, parameters, velocity) };
    },
  };
}
