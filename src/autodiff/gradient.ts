/** Reverse-mode differentiation of ONNX graphs: the result is an ONNX graph again. */
import { UserError } from '../domain/errors.ts';
import type { GraphModel, Node } from '../onnx/model.ts';
import { unsupported } from './errors.ts';
import { foldableWeights } from './foldable.ts';
import { GraphBuilder } from './graph-builder.ts';
import { dependents, needed } from './needed.ts';
import { ruleFor } from './rules/table.ts';
import { at, elementCount, isFloat, sameDims } from './tensor-type.ts';

export interface GradientRequest {
  /**
   * The scalar to differentiate; or any tensors, each with the name of a new graph input that takes the
   * gradient of the result with respect to it (its cotangent, of its shape).
   */
  readonly result: string | Readonly<Record<string, string>>;
  /** Inputs of the graph, or tensors inside of it: each NAME gets an output `gradient/NAME` of its shape. */
  readonly withRespectTo: readonly string[];
  /** Tensors of the graph to have as outputs beside. */
  readonly keep?: readonly string[];
  /** Dimensions of the inputs, needed where they have free ones: the batch above all. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
}

/** The output that holds the gradient with respect to a tensor. */
export function gradientName(tensor: string): string {
  return `gradient/${tensor}`;
}

/**
 * A graph that computes the gradients, beside the tensors to keep and the scalar itself.
 *
 * Outputs: `gradient/NAME` for each of `withRespectTo`, in their order; then `result` where it is a scalar; then
 * `keep`. Gradients that none of these need are not built, and what neither they need is pruned.
 *
 * Throws a `UserError` for a tensor that is not there, a result that is not a scalar, one that does not depend
 * on what it is to be differentiated by, and an operator without a rule, which it names.
 */
export function gradientGraph(model: GraphModel, request: GradientRequest): GraphModel {
  const { result, withRespectTo, keep = [], inputShapes = {} } = request;
  const results = typeof result === 'string' ? [result] : Object.keys(result);
  const { nodes } = needed(model.nodes, [...results, ...keep]);
  const builder = GraphBuilder.from({ ...model, nodes }, inputShapes);
  const gradients = appendGradients(builder, { result, withRespectTo });
  const names = withRespectTo.map((name) =>
    builder.alias(at(gradients, withRespectTo.indexOf(name)), gradientName(name)),
  );
  return foldableWeights(
    builder.model([...new Set([...names, ...(typeof result === 'string' ? [result] : []), ...keep])]),
  );
}

/**
 * Adds the backward nodes to a graph under construction; answers the gradients' tensors, in the order of
 * `withRespectTo`. Throws as `gradientGraph` does.
 */
export function appendGradients(
  builder: GraphBuilder,
  { result, withRespectTo }: Pick<GradientRequest, 'result' | 'withRespectTo'>,
): string[] {
  const results = typeof result === 'string' ? [result] : Object.keys(result);
  for (const name of [...results, ...withRespectTo]) requireFloat(builder, name);
  const { nodes, reads } = needed(builder.nodes, results);
  const varying = dependents(nodes, withRespectTo);
  const walk = new BackwardWalk(builder, (name) => varying.has(name) && reads.has(name));
  for (const name of results) walk.add(name, seed(builder, name, result));
  for (const node of [...nodes].reverse()) walk.pass(node);
  return withRespectTo.map((name) => {
    const gradient = walk.gradient(name);
    if (gradient !== undefined) return gradient;
    throw new UserError(
      `"${results.join('", "')}" does not depend on "${name}"; differentiate by a tensor it is computed from`,
    );
  });
}

function requireFloat(builder: GraphBuilder, name: string): void {
  if (isFloat(builder.type(name).dataType)) return;
  throw new UserError(`tensor "${name}" must hold real numbers to be differentiated, it holds integers or booleans`);
}

/** The gradient of the result with respect to itself: 1, or what the caller feeds. */
function seed(builder: GraphBuilder, name: string, result: GradientRequest['result']): string {
  const { dataType, dims } = builder.type(name);
  if (typeof result !== 'string') return builder.input(result[name] ?? '', dims, dataType);
  if (elementCount(dims) !== 1) {
    throw new UserError(
      `tensor "${name}" must be a scalar to be differentiated, its shape is [${dims.join()}]; reduce it first`,
    );
  }
  return builder.constant([1], dims, dataType);
}

/** Gradients by tensor, summed up as the nodes are passed from the last to the first. */
class BackwardWalk {
  readonly #builder: GraphBuilder;
  readonly #wanted: (tensor: string) => boolean;
  readonly #gradients = new Map<string, string>();

  constructor(builder: GraphBuilder, wanted: (tensor: string) => boolean) {
    this.#builder = builder;
    this.#wanted = wanted;
  }

  gradient(tensor: string): string | undefined {
    return this.#gradients.get(tensor);
  }

  add(tensor: string, gradient: string): void {
    const fitting = summedTo(this.#builder, gradient, this.#builder.dims(tensor));
    const before = this.#gradients.get(tensor);
    this.#gradients.set(tensor, before === undefined ? fitting : this.#builder.add(before, fitting));
  }

  /** Hands the gradients of a node's outputs on to its inputs. */
  pass(node: Node): void {
    const gradients = node.outputs.map((name) => (name === '' ? undefined : this.#gradients.get(name)));
    if (gradients.every((gradient) => gradient === undefined)) return;
    if (!node.inputs.some(this.#wanted)) return;
    const rule = ruleFor(node.opType);
    if (rule === undefined) throw unsupported(node, 'which has no gradient rule');
    const functions = rule({
      node,
      builder: this.#builder,
      gradients,
      gradient: requireFirst(node, gradients),
      x: (index) => at(node.inputs, index),
      y: at(node.outputs, 0),
    });
    node.inputs.forEach((name, i) => {
      const gradient = functions[i];
      if (gradient !== undefined && name !== '' && this.#wanted(name)) this.add(name, gradient());
    });
  }
}

/** Split alone has several outputs that count; its rule looks at them itself. */
function requireFirst(node: Node, gradients: readonly (string | undefined)[]): string {
  if (gradients[0] !== undefined || node.opType === 'Split') return gradients[0] ?? '';
  throw unsupported(node, 'of which only the first output can be differentiated');
}

/** Undoes broadcasting: the sum over the axes along which a tensor of these dimensions was repeated. */
function summedTo(b: GraphBuilder, gradient: string, dims: readonly number[]): string {
  const from = b.dims(gradient);
  if (sameDims(from, dims)) return gradient;
  const added = from.length - dims.length;
  const axes = from
    .map((_, axis) => axis)
    .filter((axis) => axis < added || (dims[axis - added] === 1 && from[axis] !== 1));
  const summed = axes.length === 0 ? gradient : b.reduceSum(gradient, axes);
  return sameDims(b.dims(summed), dims) ? summed : b.reshape(summed, dims);
}
