/** Loss and gradients by the adapter's four tensors, as one graph. */
import { gradientGraph, gradientName } from '../../autodiff/gradient.ts';
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { adapterTensorNames } from '../../model/adapter.ts';
import type { GraphModel } from '../../onnx/model.ts';
import type { LossPiece } from '../loss/piece.ts';
import { joinedGraph, type JoinedGraphOptions } from '../statistics/joined-graph.ts';

/** The name of the output that holds a piece's own, unweighted value. */
export function pieceName(piece: Pick<LossPiece, 'name'>): string {
  return `loss/${piece.name}`;
}

/**
 * Inputs: those of `joinedGraph`, and the pieces' own.
 * Outputs: `gradient/TENSOR` for each of the adapter's tensors; `loss`, the weighted sum; `loss/PIECE` for each piece.
 * Only the layers that the pieces look at are run and differentiated.
 */
export function fitGraph(options: Omit<JoinedGraphOptions, 'tensors'>, pieces: readonly LossPiece[]): GraphModel {
  const tensors = [...new Set(pieces.flatMap((piece) => piece.tensors))];
  const b = GraphBuilder.from(joinedGraph({ ...options, tensors }));
  const values = pieces.map((piece) => b.alias(piece.append(b), pieceName(piece)));
  const weighted = pieces.map(({ weight }, i) => b.mul(values[i] ?? '', weight));
  const loss = b.alias(
    weighted.reduce((sum, value) => b.add(sum, value)),
    'loss',
  );
  return gradientGraph(b.model([loss, ...values]), { of: loss, withRespectTo: adapterTensorNames, keep: values });
}

export const gradientOutputs = adapterTensorNames.map(gradientName);
