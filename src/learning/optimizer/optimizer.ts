/**
 * An optimizer is a pair of pure functions over a state value, so that a fit can be stopped, stored and gone on with.
 * Parameters and gradients are arrays of numbers, one for each tensor; neither is written into.
 */

/** One for all tensors, or one for each. Above 0. */
export type LearningRate = number | readonly number[];

export interface Updated<S> {
  readonly state: S;
  readonly parameters: Float32Array<ArrayBuffer>[];
}

export interface Optimizer<S> {
  /** The state before the first step. */
  init(parameters: readonly Float32Array[]): S;
  /** One step down the gradients, which have the lengths of the parameters. */
  update(
    state: S,
    parameters: readonly Float32Array[],
    gradients: readonly Float32Array[],
    learningRate: LearningRate,
  ): Updated<S>;
}

/** The learning rate of the tensor at `index`. */
export function rateOf(rate: LearningRate, index: number): number {
  return typeof rate === 'number' ? rate : (rate[index] ?? NaN);
}

/** New arrays of zeros, of the lengths of the parameters. */
export function zerosLike(parameters: readonly Float32Array[]): Float32Array<ArrayBuffer>[] {
  return parameters.map(({ length }) => new Float32Array(length));
}

/** New arrays: `change` of the elements of the arrays at the same places. */
export function mapArrays(
  change: (values: readonly number[], array: number) => number,
  ...lists: readonly (readonly Float32Array[])[]
): Float32Array<ArrayBuffer>[] {
  const [first = []] = lists;
  return first.map((array, i) =>
    Float32Array.from(array, (_, j) =>
      change(
        lists.map((list) => list[i]?.[j] ?? NaN),
        i,
      ),
    ),
  );
}
