/** The frozen part of a bundle: from an image to the features that a new head is trained on. */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { needed } from '../../autodiff/needed.ts';
import { subgraph } from '../../autodiff/subgraph.ts';
import { ConfigurationError } from '../../domain/errors.ts';
import type { Card } from '../../model/card.ts';
import { dataType, type GraphModel } from '../../onnx/model.ts';

/**
 * `paper`: Flatten, Dense 64, ReLU, Dense. `gap`: global average pooling, Dense.
 */
export const headKinds = ['paper', 'gap'] as const;

export type HeadKind = (typeof headKinds)[number];

export interface Backbone {
  /** Image [N, 3, H, W] in [0, 1] → the last feature map. */
  readonly model: GraphModel;
  /** Name of the last feature map, and its channels, rows and columns. */
  readonly map: string;
  readonly mapDims: readonly [channels: number, rows: number, columns: number];
  /** Weights of the head that is cut off, to be counted. */
  readonly headParameters: number;
}

/**
 * Cuts a classifier behind its last feature map: before the global average pooling, or before
 * Flatten where there is none.
 *
 * Throws a `ConfigurationError` for a graph that has no feature map.
 */
export function cutBackbone(model: GraphModel, card: Card): Backbone {
  const { name, width, height } = card.input;
  const { nodes } = needed(model.nodes, [card.output.name]);
  const shapes = GraphBuilder.from({ ...model, nodes }, { [name]: [1, 3, height, width] });
  const dimsOf = (tensor: string) => shapes.dims(tensor);
  const last = nodes.findLast(({ opType, outputs: [output = ''] }) => {
    // A weight that is dequantised has four dimensions, too, but no batch.
    if (opType === 'Transpose' || opType === 'DequantizeLinear' || opType === 'Constant') return false;
    const [, , rows = 0, columns = 0, ...more] = dimsOf(output);
    return rows * columns > 1 && more.length === 0;
  });
  const map = last?.outputs[0];
  if (map === undefined) {
    throw new ConfigurationError(
      `the graph of ${card.name} must have a feature map with rows and columns for a head to be trained on, it has none; choose another base`,
    );
  }
  const [, channels = 0, rows = 0, columns = 0] = dimsOf(map);
  const backbone = subgraph(model, { outputs: [map] });
  return { model: backbone, map, mapDims: [channels, rows, columns], headParameters: weightsOutside(model, backbone) };
}

/** Numbers of features per image. */
export function featureCount({ mapDims: [channels, rows, columns] }: Backbone, head: HeadKind): number {
  return head === 'gap' ? channels : channels * rows * columns;
}

/** Stored weights of `model` that `part` does without; scales and zero points are not counted, shapes neither. */
function weightsOutside(model: GraphModel, part: GraphModel): number {
  const kept = new Set(part.initializers.map(({ name }) => name));
  const quantised = new Set(
    model.nodes.filter(({ opType }) => opType === 'DequantizeLinear').flatMap(({ inputs }) => inputs.slice(1)),
  );
  return model.initializers
    .filter(({ name, dataType: type }) => !kept.has(name) && !quantised.has(name) && type !== dataType.int64)
    .reduce((sum, { data }) => sum + data.length, 0);
}
