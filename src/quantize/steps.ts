/** The steps of a graph that onnxruntime can compute in int8. */
import { intAttribute } from '../autodiff/attributes.ts';
import { numbersOf } from '../autodiff/constants.ts';
import { dataType, type GraphModel, type Initializer, type Node } from '../onnx/model.ts';

export interface Step {
  readonly node: Node;
  /** Sums of products with constant weights; other arithmetic; what moves values and leaves them as they are. */
  readonly kind: 'weighted' | 'arithmetic' | 'moving';
  /** Tensors that come from other nodes. */
  readonly inputs: readonly string[];
  /** The tensor that is quantised: behind the rectifier, where there is one. */
  readonly output: string;
  /** A Relu or Clip from 0 behind the node, which a range that begins at 0 does as well. */
  readonly rectifier: Node | undefined;
  /** The bound of the rectifier. */
  readonly limit: number;
}

/** A convolution or matrix product, as it is quantised. */
export interface Weighted extends Step {
  readonly kind: 'weighted';
  readonly input: string;
  readonly weights: Initializer;
  readonly bias: Initializer | undefined;
  /** Of the outputs, in the weights. */
  readonly axis: number;
  /** Each output channel sees one input channel. */
  readonly depthwise: boolean;
}

const arithmetic = new Set(['Add', 'Concat', 'AveragePool', 'GlobalAveragePool']);
const moving = new Set(['MaxPool', 'Reshape', 'Flatten', 'Transpose']);

export function isWeighted(step: Step): step is Weighted {
  return step.kind === 'weighted';
}

/** In the order of the nodes. `model`: its weights floats (`floatWeights`). */
export function stepsOf(model: GraphModel): readonly Step[] {
  const constants = new Map(model.initializers.map((constant) => [constant.name, constant]));
  const readers = readersOf(model);
  const results = new Set(model.outputs.map(({ name }) => name));
  const rectifierOf = (output: string): Pick<Step, 'rectifier' | 'limit'> => {
    const [reader, ...others] = readers.get(output) ?? [];
    const limit = reader && others.length === 0 && !results.has(output) ? limitOf(reader, constants) : undefined;
    return limit === undefined ? { rectifier: undefined, limit: Infinity } : { rectifier: reader, limit };
  };
  return model.nodes.flatMap((node): Step[] => {
    const [raw] = node.outputs;
    if (raw === undefined || node.outputs.length !== 1) return [];
    const inputs = node.inputs.filter((name) => name !== '' && !constants.has(name));
    const rectified = moving.has(node.opType) ? { rectifier: undefined, limit: Infinity } : rectifierOf(raw);
    const common = { node, inputs, output: rectified.rectifier?.outputs[0] ?? raw, ...rectified };
    const weighted = weightedParts(node, constants);
    if (weighted) return [{ ...common, ...weighted }];
    if (moving.has(node.opType) && inputs.length === 1) return [{ ...common, kind: 'moving' }];
    // A constant among them would need a range of its own.
    const dynamic = inputs.length === node.inputs.length && new Set(inputs).size === inputs.length;
    return arithmetic.has(node.opType) && dynamic ? [{ ...common, kind: 'arithmetic' }] : [];
  });
}

export function readersOf({ nodes }: GraphModel): ReadonlyMap<string, readonly Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of nodes) {
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return readers;
}

function limitOf(node: Node, constants: ReadonlyMap<string, Initializer>): number | undefined {
  if (node.opType === 'Relu') return Infinity;
  if (node.opType !== 'Clip') return undefined;
  const [least, most] = node.inputs.slice(1).map((name) => {
    const constant = constants.get(name);
    return constant && numbersOf(constant)[0];
  });
  return least === 0 ? (most ?? Infinity) : undefined;
}

function weightedParts(node: Node, constants: ReadonlyMap<string, Initializer>) {
  const [input = '', second = '', third = ''] = node.inputs;
  const weights = constants.get(second);
  const bias = constants.get(third);
  const known = !constants.has(input) && weights?.dataType === dataType.float && (third === '' || bias !== undefined);
  if (!known) return undefined;
  if (node.opType === 'Conv' && weights.dims.length === 4) {
    const group = intAttribute(node, 'group', 1);
    const depthwise = group > 1 && weights.dims[1] === 1 && weights.dims[0] === group;
    return { kind: 'weighted', input, weights, bias, axis: 0, depthwise } as const;
  }
  const plain = ['alpha', 'beta'].every((name) => (node.attributes[name]?.value ?? 1) === 1);
  if (node.opType !== 'Gemm' || !plain || intAttribute(node, 'transA', 0) !== 0) return undefined;
  const axis = intAttribute(node, 'transB', 0) === 1 ? 0 : 1;
  return { kind: 'weighted', input, weights, bias, axis, depthwise: false } as const;
}
