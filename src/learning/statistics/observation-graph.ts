/** The graph that observers run: front end, classifier, and the moments of what lies between. */
import { foldableWeights } from '../../autodiff/foldable.ts';
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { encodeModel } from '../../onnx/wire.ts';
import { joinedGraph, type JoinedGraphOptions } from './joined-graph.ts';

export interface ObservationGraphOptions extends Omit<JoinedGraphOptions, 'tensors'> {
  /** Also run the classifier to its end. */
  readonly logits: boolean;
}

/** Outputs per frame: `mean/T` and `square/T` [batch, channels] of each tensor T, and the logits. */
export function observationModel(options: ObservationGraphOptions): Uint8Array<ArrayBuffer> {
  const { card, logits, batch } = options;
  const activations = card.statistics.activations.map(({ tensor }) => tensor);
  const tensors = [...activations, ...(logits ? [card.output.name] : [])];
  const b = GraphBuilder.from(joinedGraph({ ...options, tensors }));
  const outputs = activations.flatMap((tensor) => [
    b.alias(b.reduceMean(tensor, [2, 3], { keepdims: false }), `mean/${tensor}`),
    b.alias(b.reduceMean(b.mul(tensor, tensor), [2, 3], { keepdims: false }), `square/${tensor}`),
  ]);
  const places = card.input.width * card.input.height;
  const flat = b.reshape('image', [batch, 3, places]);
  const products = b.op('MatMul', [flat, b.transpose(flat, [0, 2, 1])]);
  const colours = [
    b.alias(b.reduceMean('image', [2, 3], { keepdims: false }), 'mean/image'),
    b.alias(b.mul(b.reshape(products, [batch, 9]), 1 / places), 'square/image'),
  ];
  return encodeModel(foldableWeights(b.model([...outputs, ...colours, ...(logits ? [card.output.name] : [])])));
}
