/** Cutting graphs, joining them, and opening their constants. */
import { UserError } from '../domain/errors.ts';
import type { GraphModel, Initializer, Node, ValueInfo } from '../onnx/model.ts';
import { GraphBuilder } from './graph-builder.ts';
import { needed } from './needed.ts';
import { dequantized, quantisedBy } from './quantised.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

/**
 * The part of a graph that computes `outputs`, which may be tensors inside of it: the stem alone,
 * or a graph without a label head.
 *
 * With `inputShapes` the inputs' free dimensions are fixed, and the outputs' dimensions known.
 * Throws a `UserError` for a tensor that the graph does not have.
 */
export function subgraph(
  model: GraphModel,
  { outputs, inputShapes }: { outputs: readonly string[]; inputShapes?: Shapes },
): GraphModel {
  const { nodes, reads } = needed(model.nodes, outputs);
  const made = new Set([...nodes.flatMap((node) => node.outputs), ...model.inputs.map(({ name }) => name)]);
  const missing = outputs.find((name) => !made.has(name));
  if (missing !== undefined) {
    throw new UserError(`the graph has no tensor "${missing}"; the outputs must be among those that its nodes make`);
  }
  const part: GraphModel = {
    ...model,
    nodes,
    initializers: model.initializers.filter(({ name }) => reads.has(name)),
    inputs: model.inputs.filter(({ name }) => reads.has(name)),
    outputs: [],
  };
  if (inputShapes !== undefined) return GraphBuilder.from(part, inputShapes).model(outputs);
  return { ...part, outputs: freeOutputs(part, outputs) };
}

/** Types of tensors whose graph has free dimensions: those are free that change when the inputs' do. */
function freeOutputs(model: GraphModel, names: readonly string[]): ValueInfo[] {
  const sized = (size: number) =>
    GraphBuilder.from(
      model,
      Object.fromEntries(
        model.inputs.map(({ name, dims }) => [name, dims.map((dim) => (typeof dim === 'number' ? dim : size))]),
      ),
    );
  const [small, large] = [sized(2), sized(4)];
  return names.map((name) => {
    const { dataType, dims } = small.type(name);
    const others = large.dims(name);
    return { name, dataType, dims: dims.map((dim, axis) => (dim === others[axis] ? dim : `${name}_${String(axis)}`)) };
  });
}

/**
 * One graph out of two: `join` names, for each input of `back` that `front` provides, the tensor of `front`.
 *
 * The outputs are `back`'s. Where both have a tensor of one name, `back`'s is renamed to `back/NAME`, except
 * for its outputs and open inputs; those must differ from `front`'s names.
 */
export function concatenate(
  front: GraphModel,
  back: GraphModel,
  { join }: { join: Readonly<Record<string, string>> },
): GraphModel {
  const open = back.inputs.filter(({ name }) => join[name] === undefined);
  checkJoin(front, back, join);
  const rename = renaming(front, join);
  return {
    name: back.name,
    opset: Math.max(front.opset, back.opset),
    nodes: [...front.nodes, ...back.nodes.map((node) => renamed(node, rename))],
    initializers: [
      ...front.initializers,
      ...back.initializers.map((constant) => ({ ...constant, name: rename(constant.name) })),
    ],
    inputs: [...front.inputs, ...open],
    outputs: back.outputs,
  };
}

function tensorNames({ nodes, inputs, initializers }: GraphModel): Set<string> {
  return new Set([
    ...inputs.map(({ name }) => name),
    ...initializers.map(({ name }) => name),
    ...nodes.flatMap(({ outputs }) => outputs),
  ]);
}

function checkJoin(front: GraphModel, back: GraphModel, join: Readonly<Record<string, string>>): void {
  const names = tensorNames(front);
  for (const [input, tensor] of Object.entries(join)) {
    if (!back.inputs.some(({ name }) => name === input)) {
      throw new UserError(`the graph behind has no input "${input}"; join must name one of its inputs`);
    }
    if (!names.has(tensor)) throw new UserError(`the graph in front has no tensor "${tensor}" to join to "${input}"`);
  }
  const open = back.inputs.map(({ name }) => name).filter((name) => join[name] === undefined);
  const clash = [...open, ...back.outputs.map(({ name }) => name)].find((name) => names.has(name));
  if (clash !== undefined) throw new UserError(`both graphs name a tensor "${clash}"; rename it in one of them`);
}

function renaming(front: GraphModel, join: Readonly<Record<string, string>>) {
  const taken = tensorNames(front);
  return (name: string): string => join[name] ?? (name !== '' && taken.has(name) ? `back/${name}` : name);
}

function renamed(node: Node, rename: (name: string) => string): Node {
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
}

/**
 * Makes inputs of constants, so that they can be trained: the weights of a head, say.
 *
 * Answers the graph and the values that the constants had, dequantised to float32 where they were stored
 * quantised. Throws a `UserError` for a name that is no constant.
 */
export function openConstants(
  model: GraphModel,
  names: readonly string[],
): { model: GraphModel; values: Readonly<Record<string, Initializer>> } {
  const values = Object.fromEntries(names.map((name) => [name, { ...constantNamed(model, name), name }]));
  const opened = new Set(names);
  return {
    model: {
      ...model,
      nodes: model.nodes.filter((node) => !node.outputs.some((name) => opened.has(name))),
      initializers: model.initializers.filter(({ name }) => !opened.has(name)),
      inputs: [...model.inputs, ...Object.values(values).map(({ name, dataType, dims }) => ({ name, dataType, dims }))],
    },
    values,
  };
}

function constantNamed(model: GraphModel, name: string): Initializer {
  const stored = (wanted: string | undefined) => model.initializers.find((constant) => constant.name === wanted);
  const direct = stored(name);
  if (direct !== undefined) return direct;
  const node = model.nodes.find(({ opType, outputs }) => opType === 'DequantizeLinear' && outputs[0] === name);
  const quantised = node && quantisedBy(node, stored);
  if (quantised === undefined) {
    throw new UserError(`the graph has no constant "${name}"; name a weight that it stores`);
  }
  return dequantized(quantised);
}
