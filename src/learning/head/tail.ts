/** The last blocks of a backbone, cut off so that they can be trained together with a head. */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { dependents } from '../../autodiff/needed.ts';
import { concatenate, openConstants, subgraph } from '../../autodiff/subgraph.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Card } from '../../model/card.ts';
import { floats } from '../../onnx/build.ts';
import { dataType, type GraphModel, type Node } from '../../onnx/model.ts';
import type { Backbone } from './backbone.ts';
import type { Parameters } from './fit-network.ts';
import { featureNodes, headModel, headParameters, type HeadShape } from './head-graph.ts';
import type { Network, NetworkParameter } from './network.ts';

export interface Tail {
  /** Image [N, 3, H, W] → the cut. It stays as it is. */
  readonly front: GraphModel;
  /** Name of the one tensor between both parts, and its dimensions without the batch. */
  readonly cut: string;
  readonly cutDims: readonly number[];
  /** The cut → the last feature map, with the convolutions' weights and biases among the inputs. */
  readonly model: GraphModel;
  readonly map: string;
  readonly parameters: readonly NetworkParameter[];
  /** What the parameters are in the bundle, in their order. */
  readonly values: Parameters;
  readonly convolutions: number;
  /** Whether some of them are stored quantised there: they are written as float32 once they are trained. */
  readonly quantised: boolean;
}

/** In the words of titles and summaries. */
export function lastConvolutions({ convolutions }: Pick<Tail, 'convolutions'>): string {
  return convolutions === 1 ? 'last convolution' : `last ${convolutions} convolutions`;
}

/**
 * Cuts as late as at least `least` convolutions come behind, at a tensor through which all paths go.
 *
 * Throws a `UsageError` where the backbone has fewer.
 */
export function cutTail({ model, map }: Backbone, card: Card, least: number): Tail {
  const { name: image, width, height } = card.input;
  const varying = dependents(model.nodes, [image]);
  const isConvolution = ({ opType, inputs: [x = '', w = ''] }: Node) =>
    opType === 'Conv' && varying.has(x) && !varying.has(w);
  const cut = passages(model.nodes, varying, image, map).findLast(
    ({ next }) => model.nodes.slice(next).filter(isConvolution).length >= least,
  )?.tensor;
  if (cut === undefined) {
    const count = model.nodes.filter(isConvolution).length;
    throw new UsageError(
      `--fine-tune must be at most ${count}, the convolutions that the backbone of ${card.name} has, it was ${least}`,
    );
  }
  const cutDims = GraphBuilder.from(model, { [image]: [1, 3, height, width] })
    .dims(cut)
    .slice(1);
  const behind: GraphModel = {
    ...model,
    nodes: model.nodes.filter(({ outputs }) => !outputs.includes(cut)),
    inputs: [{ name: cut, dataType: dataType.float, dims: ['N', ...cutDims] }],
  };
  const tail = subgraph(behind, { outputs: [map] });
  const convolutions = tail.nodes.filter(isConvolution);
  const names = [...new Set(convolutions.flatMap(({ inputs }) => inputs.slice(1)).filter((name) => name !== ''))];
  const opened = openConstants(tail, names);
  const constants = Object.values(opened.values);
  return {
    front: subgraph(model, { outputs: [cut] }),
    cut,
    cutDims,
    map,
    model: subgraph(opened.model, { outputs: [map] }),
    parameters: constants.map(({ name, dims }) => ({ name, dims })),
    values: constants.map(({ data }) => Float32Array.from(data as Float32Array)),
    convolutions: convolutions.length,
    quantised: tail.nodes.some(
      ({ opType, outputs: [made = ''] }) => opType === 'DequantizeLinear' && names.includes(made),
    ),
  };
}

/** Tensors that alone carry what comes behind, in the order of the nodes; `next` is the node behind each. */
function passages(nodes: readonly Node[], varying: ReadonlySet<string>, image: string, map: string) {
  const lastRead = new Map<string, number>();
  nodes.forEach(({ inputs }, place) => inputs.forEach((name) => lastRead.set(name, place)));
  lastRead.set(map, Infinity);
  const open = new Set([image]);
  const cuts = [{ tensor: image, next: 0 }];
  nodes.forEach(({ inputs, outputs }, place) => {
    for (const name of outputs) if (varying.has(name) && lastRead.has(name)) open.add(name);
    for (const name of inputs) if (lastRead.get(name) === place) open.delete(name);
    const [tensor, ...more] = open;
    if (tensor !== undefined && more.length === 0) cuts.push({ tensor, next: place + 1 });
  });
  return cuts;
}

/** The cut → logits: the tail's parameters, then the head's. */
export function tailNetwork(tail: Tail, shape: HeadShape): Network {
  return {
    input: tail.cut,
    exampleDims: tail.cutDims,
    parameters: [...tail.parameters, ...headParameters(shape)],
    outputs: shape.outputs,
    model: (batch) => {
      const { model, cut, cutDims, map } = tail;
      const front: GraphModel = {
        ...model,
        nodes: [...model.nodes, ...featureNodes(map, shape.kind)],
        inputs: model.inputs.map((input) => (input.name === cut ? { ...input, dims: [batch, ...cutDims] } : input)),
        outputs: [{ name: 'head/features', dataType: dataType.float, dims: [batch, shape.features] }],
      };
      return concatenate(front, headModel(shape, batch), { join: { features: 'head/features' } });
    },
  };
}

/** The tail with its parameters stored: the cut → the last feature map. */
export function closedTail({ model, cut, parameters }: Tail, values: Parameters): GraphModel {
  return {
    ...model,
    initializers: [
      ...model.initializers,
      ...parameters.map(({ name, dims }, i) => floats(name, values[i] ?? [], dims)),
    ],
    inputs: model.inputs.filter(({ name }) => name === cut),
  };
}

/** The backbone with other parameters behind the cut; what is before it is taken over bit for bit. */
export function tunedBackbone(backbone: Backbone, tail: Tail, values: Parameters): Backbone {
  return { ...backbone, model: concatenate(tail.front, closedTail(tail, values), { join: { [tail.cut]: tail.cut } }) };
}
