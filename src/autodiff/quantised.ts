/** Weights that are stored as integers with scales. */
import { dataType, type GraphModel, type Initializer, type Node } from '../onnx/model.ts';
import { intAttribute } from './attributes.ts';
import { numbersOf } from './constants.ts';
import { at, elementCount, positiveAxis } from './tensor-type.ts';

/** Stands for (values − zero) · scale, with one scale (and zero), or one per element of `axis`. */
export interface QuantisedConstant {
  readonly values: Initializer;
  readonly scale: Initializer;
  readonly zero: Initializer | undefined;
  readonly axis: number;
}

/** What a DequantizeLinear of constants stands for; `undefined` for other nodes. */
export function quantisedBy(
  node: Node,
  constant: (name: string) => Initializer | undefined,
): QuantisedConstant | undefined {
  if (node.opType !== 'DequantizeLinear') return undefined;
  const [values, scale, zero] = node.inputs.map(constant);
  if (values === undefined || scale === undefined || (node.inputs[2] && zero === undefined)) return undefined;
  return { values, scale, zero, axis: positiveAxis(intAttribute(node, 'axis', 1), values.dims.length) };
}

/** Puts something else, which makes `output`, in the place of each DequantizeLinear of constants. */
export function withoutQuantised(
  model: GraphModel,
  instead: (quantised: QuantisedConstant, output: string) => Pick<GraphModel, 'nodes' | 'initializers'>,
): GraphModel {
  const constants = new Map(model.initializers.map((constant) => [constant.name, constant]));
  const initializers = [...model.initializers];
  const nodes = model.nodes.flatMap((node) => {
    const quantised = quantisedBy(node, (name) => constants.get(name));
    const output = node.outputs[0];
    if (quantised === undefined || output === undefined) return [node];
    const made = instead(quantised, output);
    initializers.push(...made.initializers);
    return made.nodes;
  });
  return withReadConstants({ ...model, nodes, initializers });
}

/** Without the constants that no node reads. */
export function withReadConstants(model: GraphModel): GraphModel {
  const read = new Set(model.nodes.flatMap(({ inputs }) => inputs));
  return { ...model, initializers: model.initializers.filter(({ name }) => read.has(name)) };
}

export function isZero({ data }: Initializer): boolean {
  return data.every((value: number | bigint) => Number(value) === 0);
}

/** The float32 values. Reference: ONNX operator DequantizeLinear. */
export function dequantized({ values, scale, zero, axis }: QuantisedConstant): Initializer {
  const scales = numbersOf(scale);
  const zeros = zero === undefined ? [0] : numbersOf(zero);
  const inner = elementCount(values.dims.slice(axis + 1));
  const source = values.data as ArrayLike<number>;
  const data = new Float32Array(source.length);
  for (let i = 0; i < data.length; i++) {
    const channel = scales.length === 1 ? 0 : Math.floor(i / inner) % scales.length;
    data[i] = (at(source, i) - at(zeros, zeros.length === 1 ? 0 : channel)) * at(scales, channel);
  }
  return { name: values.name, dataType: dataType.float, dims: values.dims, data };
}
