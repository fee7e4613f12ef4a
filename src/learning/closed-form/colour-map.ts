/** Colour maps behind a front end, folded into its second convolution. */
import type { AdapterWeights } from '../../model/adapter.ts';

/** x → matrix · x + offset, R, G, B from 0 to 1. */
export interface ColourMap {
  readonly matrix: readonly (readonly number[])[];
  readonly offset: readonly number[];
}

/**
 * The front end with the map behind it: `K2' = M·K2`, `bias' = M·bias + offset`.
 *
 * Equal to mapping the front end's image wherever that was above 0 before its last ReLU.
 */
export function withColourMap(weights: AdapterWeights, { matrix, offset }: ColourMap): AdapterWeights {
  const mixed = (values: Float32Array, size: number) =>
    Float32Array.from(values, (_, i) => {
      const [row, rest] = [Math.floor(i / size), i % size];
      return (matrix[row] ?? []).reduce(
        (sum, factor, channel) => sum + factor * (values[channel * size + rest] ?? NaN),
        0,
      );
    });
  const bias = mixed(weights.conv2Bias, 1);
  return {
    conv1Weight: weights.conv1Weight.slice(),
    conv1Bias: weights.conv1Bias.slice(),
    conv2Weight: mixed(weights.conv2Weight, 27),
    conv2Bias: bias.map((value, channel) => value + (offset[channel] ?? NaN)),
  };
}
