/** Front end and classifier as one graph, for fitting and for looking inside. */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { concatenate, subgraph } from '../../autodiff/subgraph.ts';
import type { Card } from '../../model/card.ts';
import { frontEndFloatModel } from '../../model/front-end/float-graph.ts';
import type { Geometry } from '../../model/geometry.ts';
import { dataType, type GraphModel } from '../../onnx/model.ts';
import { hasPhases, phasedFrontEnd } from './phased-front-end.ts';

export interface JoinedGraphOptions {
  /** The classifier's graph. */
  readonly classifier: GraphModel;
  readonly card: Card;
  readonly geometry: Geometry;
  /** Frames in each run. */
  readonly batch: number;
  /** Tensors of the classifier's graph to compute; what none of them needs is left out. */
  readonly tensors: readonly string[];
}

/**
 * Inputs: `pixels` uint8 [batch, 3, grid height, grid width], planes R, G, B; the adapter's four tensors.
 * Outputs: `tensors`. The front end's output is the tensor `image`.
 */
export function joinedGraph({ classifier, card, geometry, batch, tensors }: JoinedGraphOptions): GraphModel {
  const camera = hasPhases(geometry) ? phasedFrontEnd(geometry, batch) : plainFrontEnd(geometry, batch);
  if (tensors.length === 0) return camera;
  const { width, height } = card.input;
  const part = subgraph(classifier, {
    outputs: tensors,
    inputShapes: { [card.input.name]: [batch, 3, height, width] },
  });
  return concatenate(camera, part, { join: { [card.input.name]: 'image' } });
}

function plainFrontEnd(geometry: Geometry, batch: number): GraphModel {
  return concatenate(scaledPixels(geometry, batch), frontEndFloatModel(geometry), { join: { rgb: 'rgb' } });
}

/** Bytes to 0 … 1. */
function scaledPixels({ grid }: Geometry, batch: number): GraphModel {
  const b = GraphBuilder.empty('pixels');
  b.input('pixels', [batch, 3, grid.height, grid.width], dataType.uint8);
  const floats = b.op('Cast', ['pixels'], { to: { kind: 'int', value: dataType.float } });
  return b.model([b.alias(b.mul(floats, 1 / 255), 'rgb')]);
}
