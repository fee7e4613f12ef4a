/** Weights that are stored as integers, as the floats that they stand for: what quantisation starts from. */
import { dequantized, quantisedBy } from '../autodiff/quantised.ts';
import type { GraphModel, Initializer } from '../onnx/model.ts';

/** Replaces each DequantizeLinear of constants by a float constant of the same name. */
export function floatWeights(model: GraphModel): GraphModel {
  const constants = new Map(model.initializers.map((constant) => [constant.name, constant]));
  const added: Initializer[] = [];
  const nodes = model.nodes.filter((node) => {
    const quantised = quantisedBy(node, (name) => constants.get(name));
    const name = node.outputs[0];
    if (quantised === undefined || name === undefined) return true;
    added.push({ ...dequantized(quantised), name });
    return false;
  });
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...model, nodes, initializers: [...model.initializers, ...added].filter(({ name }) => read.has(name)) };
}
