/** Examples of a head: features and classes. */

export interface HeadExamples {
  /** One array for each example, all of one length. */
  readonly features: readonly Float32Array[];
  /** Class of each example, from 0. */
  readonly labels: readonly number[];
  readonly classes: number;
}

/** The examples at the indices. */
export function subset({ features, labels, classes }: HeadExamples, indices: readonly number[]): HeadExamples {
  return {
    features: indices.map((index) => features[index] ?? new Float32Array()),
    labels: indices.map((index) => labels[index] ?? 0),
    classes,
  };
}

/** The features of some examples below each other, in an array of `rows` rows; what is left over is 0. */
export function stacked(
  { features }: HeadExamples,
  indices: readonly number[],
  rows = indices.length,
): Float32Array<ArrayBuffer> {
  const count = features[0]?.length ?? 0;
  const whole = new Float32Array(rows * count);
  indices.forEach((index, row) => whole.set(features[index] ?? [], row * count));
  return whole;
}
