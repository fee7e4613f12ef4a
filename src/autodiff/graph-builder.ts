/** Adds nodes to an ONNX graph by name, with fresh names and known shapes. */
import { UserError } from '../domain/errors.ts';
import { node as makeNode } from '../onnx/build.ts';
import {
  dataType,
  type Attribute,
  type DataType,
  type GraphModel,
  type Initializer,
  type Node,
  type ValueInfo,
} from '../onnx/model.ts';
import { constantOf, numbersOf } from './constants.ts';
import { dequantized, quantisedBy, type QuantisedConstant } from './quantised.ts';
import { operatorName, producedBy, unsupported } from './errors.ts';
import type { Inference } from './infer/infer.ts';
import { inferenceFor } from './infer/table.ts';
import { needed } from './needed.ts';
import { at, type TensorType } from './tensor-type.ts';

/** A tensor by name, or a number: a scalar constant of the other operands' element type. */
export type Operand = string | number;

/** The opset that built nodes are written for; older models are raised to it. */
const builtOpset = 17;
const oldestOpset = 13;

export class GraphBuilder {
  readonly opset: number;
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #types = new Map<string, TensorType>();
  readonly #constants = new Map<string, Initializer>();
  readonly #producers = new Map<string, number>();
  readonly #shared = new Map<string, string>();
  #fresh = 0;

  private constructor(name: string, opset: number) {
    this.#name = name;
    this.opset = opset;
  }

  /** An empty graph. */
  static empty(name = 'graph'): GraphBuilder {
    return new GraphBuilder(name, builtOpset);
  }

  /**
   * A builder that holds the whole of `model`, with its inputs' dimensions fixed.
   *
   * `inputShapes` is needed for the inputs that have free dimensions. Throws a `UserError` for an
   * input without a shape, an opset below 13, and an operator whose shape cannot be inferred.
   */
  static from(model: GraphModel, inputShapes: Readonly<Record<string, readonly number[]>> = {}): GraphBuilder {
    if (model.opset < oldestOpset) {
      throw new UserError(`the model's opset must be ${oldestOpset} or later, it was ${model.opset}; export it again`);
    }
    const builder = new GraphBuilder(model.name, Math.max(model.opset, builtOpset));
    for (const input of model.inputs)
      builder.input(input.name, fixedDims(input, inputShapes[input.name]), input.dataType);
    for (const constant of model.initializers) builder.#register(constant);
    for (const node of model.nodes) builder.#append(node);
    return builder;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** A graph input; float32 unless told. */
  input(name: string, dims: readonly number[], type: DataType = dataType.float): string {
    this.#inputs.push({ name, dataType: type, dims });
    this.#types.set(name, { dataType: type, dims });
    return name;
  }

  /** One node with one output; answers the output's (fresh) name. */
  op(opType: string, inputs: readonly Operand[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return at(this.ops(opType, inputs, 1, attributes), 0);
  }

  /** One node with several outputs. */
  ops(
    opType: string,
    inputs: readonly Operand[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const like = inputs.find(
      (input) => typeof input === 'string' && this.#types.get(input)?.dataType !== dataType.bool,
    );
    const type = typeof like === 'string' ? this.type(like).dataType : dataType.float;
    const names = inputs.map((input) => (typeof input === 'string' ? input : this.constant([input], [], type)));
    const node = makeNode(
      opType,
      names,
      Array.from({ length: outputs }, () => this.#freshName(opType)),
      attributes,
    );
    this.#append(node);
    return [...node.outputs];
  }

  add = (a: Operand, b: Operand) => this.op('Add', [a, b]);
  sub = (a: Operand, b: Operand) => this.op('Sub', [a, b]);
  mul = (a: Operand, b: Operand) => this.op('Mul', [a, b]);
  div = (a: Operand, b: Operand) => this.op('Div', [a, b]);

  /** The mean over `axes` (all of them by default), the axes kept with size 1 unless told. */
  reduceMean(x: string, axes?: readonly number[], { keepdims = true } = {}): string {
    return this.#reduce('ReduceMean', x, axes, keepdims, this.opset >= 18);
  }

  /** The sum over `axes` (all of them by default), the axes kept with size 1 unless told. */
  reduceSum(x: string, axes?: readonly number[], { keepdims = true } = {}): string {
    return this.#reduce('ReduceSum', x, axes, keepdims, true);
  }

  reshape(x: string, dims: readonly number[]): string {
    return this.op('Reshape', [x, this.int64s(dims)]);
  }

  /** The elements `starts` to `ends` (not included) along `axes`. */
  slice(x: string, starts: readonly number[], ends: readonly number[], axes: readonly number[]): string {
    return this.op('Slice', [x, this.int64s(starts), this.int64s(ends), this.int64s(axes)]);
  }

  transpose(x: string, order: readonly number[]): string {
    return this.op('Transpose', [x], { perm: { kind: 'ints', value: order } });
  }

  /** Zeros before and after each axis; negative numbers take elements away. */
  pad(x: string, begin: readonly number[], end: readonly number[]): string {
    if ([...begin, ...end].every((count) => count === 0)) return x;
    return this.op('Pad', [x, this.int64s([...begin, ...end])]);
  }

  /** A constant; float32 unless told. Equal small constants are stored once. */
  constant(values: ArrayLike<number>, dims: readonly number[], type: DataType = dataType.float): string {
    const key = values.length > 64 ? undefined : `${type}[${dims.join()}]:${Array.from(values).join()}`;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.#freshName('constant');
    this.#register(constantOf(name, type, values, dims));
    if (key !== undefined) this.#shared.set(key, name);
    return name;
  }

  /** A constant with its elements as they are. */
  store(type: DataType, data: Initializer['data'], dims: readonly number[]): string {
    const name = this.#freshName('constant');
    this.#register({ name, dataType: type, dims, data });
    return name;
  }

  /** Stored as one number. */
  zeros(dims: readonly number[], type: DataType): string {
    return this.op('Expand', [this.constant([0], [], type), this.int64s(dims)]);
  }

  /** An int64 vector, as shapes, axes and pads are. */
  int64s(values: readonly number[]): string {
    return this.constant(values, [values.length], dataType.int64);
  }

  /** Element type and dimensions of a tensor of the graph. */
  type(name: string): TensorType {
    const type = this.#types.get(name);
    if (type === undefined) throw new UserError(`the graph has no tensor "${name}"; name one of its inputs or outputs`);
    return type;
  }

  dims(name: string): readonly number[] {
    return this.type(name).dims;
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  /** A tensor's value where it does not depend on the inputs: constants, also dequantised ones. */
  constantValue(name: string): Initializer | undefined {
    const constant = this.#constants.get(name);
    if (constant !== undefined) return constant;
    const quantised = this.quantisedConstant(name);
    return quantised && dequantized(quantised);
  }

  /** The constants that `name` is dequantised from, if it is. */
  quantisedConstant(name: string): QuantisedConstant | undefined {
    const node = this.producer(name);
    return node && quantisedBy(node, (input) => this.#constants.get(input));
  }

  /** A float constant that stays stored as integers. */
  dequantize({ values, scale, zero, axis }: QuantisedConstant): string {
    const names = [values, scale, ...(zero === undefined ? [] : [zero])].map((constant) =>
      this.#constants.get(constant.name) === constant
        ? constant.name
        : this.store(constant.dataType, constant.data, constant.dims),
    );
    return this.op('DequantizeLinear', names, { axis: { kind: 'int', value: axis } });
  }

  /** The node that makes a tensor; none for inputs and constants. */
  producer(name: string): Node | undefined {
    const place = this.#producers.get(name);
    return place === undefined ? undefined : this.#nodes[place];
  }

  /** The second and later outputs of a node that is there already, added to it if it has none. */
  furtherOutput(name: string, index: number): string {
    const place = this.#producers.get(name);
    const node = place === undefined ? undefined : this.#nodes[place];
    if (place === undefined || node === undefined) throw new Error(`no node makes "${name}"`);
    const present = node.outputs[index];
    if (present) return present;
    const outputs = Array.from({ length: index + 1 }, (_, i) => node.outputs[i] ?? '');
    outputs[index] = this.#freshName(node.opType);
    this.#place({ ...node, outputs }, place);
    return at(outputs, index);
  }

  /** A second name for a tensor, to be an output by. */
  alias(tensor: string, name: string): string {
    this.#append(makeNode('Identity', [tensor], [name]));
    return name;
  }

  /** The graph that computes `outputs`, without anything that they do not need. */
  model(outputs: readonly string[]): GraphModel {
    const { nodes, reads } = needed(this.#nodes, outputs);
    return {
      name: this.#name,
      opset: this.opset,
      nodes,
      initializers: [...this.#constants.values()].filter(({ name }) => reads.has(name)),
      inputs: this.#inputs.filter(({ name }) => reads.has(name)),
      outputs: outputs.map((name) => ({ name, ...this.type(name) })),
    };
  }

  #reduce(opType: string, x: string, axes: readonly number[] | undefined, keepdims: boolean, axesAreInput: boolean) {
    const keep: Attribute = { kind: 'int', value: keepdims ? 1 : 0 };
    if (axes === undefined) return this.op(opType, [x], { keepdims: keep });
    if (axesAreInput) return this.op(opType, [x, this.int64s(axes)], { keepdims: keep });
    return this.op(opType, [x], { keepdims: keep, axes: { kind: 'ints', value: axes } });
  }

  #append(node: Node): void {
    const value = node.opType === 'Constant' ? node.attributes['value'] : undefined;
    if (value?.kind === 'tensor') {
      this.#register({ ...value.value, name: at(node.outputs, 0) });
      return;
    }
    this.#nodes.push(node);
    this.#place(node, this.#nodes.length - 1);
  }

  #place(node: Node, place: number): void {
    const types = this.#infer(node);
    this.#nodes[place] = node;
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      this.#types.set(name, at(types, i));
      this.#producers.set(name, place);
    });
  }

  #infer(node: Node): readonly TensorType[] {
    const infer = node.domain === '' || node.domain === 'ai.onnx' ? inferenceFor(node.opType) : undefined;
    if (infer === undefined) throw unsupported(node, 'whose shapes are not known here');
    const inference: Inference = {
      node,
      opset: this.opset,
      inputs: node.inputs.map((name) => (name === '' ? undefined : this.type(name))),
      numbers: (input) => this.numbers(node.inputs[input]),
    };
    try {
      return infer(inference);
    } catch (error) {
      if (error instanceof UserError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`the shape of tensor "${producedBy(node)}" (${operatorName(node)}) is not known: ${reason}`, {
        cause: error,
      });
    }
  }

  /** A constant's values; `undefined` for what is not constant or left out. */
  numbers(name: string | undefined): number[] | undefined {
    const constant = name ? this.#constants.get(name) : undefined;
    return constant && numbersOf(constant);
  }

  #register(constant: Initializer): void {
    this.#constants.set(constant.name, constant);
    this.#types.set(constant.name, { dataType: constant.dataType, dims: constant.dims });
  }

  #freshName(opType: string): string {
    for (;;) {
      const name = `${opType.toLowerCase()}/${String(this.#fresh++)}`;
      if (!this.#types.has(name)) return name;
    }
  }
}

function fixedDims({ name, dims }: ValueInfo, asked: readonly number[] | undefined): readonly number[] {
  const fits = (size: number, axis: number) => typeof dims[axis] !== 'number' || dims[axis] === size;
  if (asked !== undefined) {
    if (asked.length === dims.length && asked.every(fits)) return asked;
    throw new UserError(`the shape of input "${name}" must be like [${dims.join()}], it was [${asked.join()}]`);
  }
  const fixed = dims.filter((dim) => typeof dim === 'number');
  if (fixed.length === dims.length) return fixed;
  throw new UserError(`input "${name}" has free dimensions, [${dims.join()}]; give its shape in inputShapes`);
}
