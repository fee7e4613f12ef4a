/** Weights that are stored as integers, as the floats that they stand for: what quantisation starts from. */
import { dequantized, withoutQuantised } from '../autodiff/quantised.ts';
import type { GraphModel } from '../onnx/model.ts';

/** Replaces each DequantizeLinear of constants by a float constant of the same name. */
export function floatWeights(model: GraphModel): GraphModel {
  return withoutQuantised(model, (quantised, name) => ({
    nodes: [],
    initializers: [{ ...dequantized(quantised), name }],
  }));
}
