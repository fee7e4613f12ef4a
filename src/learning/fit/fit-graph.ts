/** Loss and gradients by the adapter's four tensors, as graphs. */
import { gradientGraph, gradientName } from '../../autodiff/gradient.ts';
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { adapterTensorNames } from '../../model/adapter.ts';
import type { GraphModel } from '../../onnx/model.ts';
import type { LossPiece, MomentsPiece } from '../loss/piece.ts';
import { joinedGraph, type JoinedGraphOptions } from '../statistics/joined-graph.ts';

type GraphOptions = Omit<JoinedGraphOptions, 'tensors'>;
type Named = Pick<LossPiece, 'name'>;

/** The output that holds a mean piece's own, unweighted value. */
export const pieceName = ({ name }: Named): string => `loss/${name}`;
/** The output that holds a moments piece's means. */
export const momentsName = ({ name }: Named): string => `moments/${name}`;
/** The input that takes the gradient of the loss with respect to these. */
export const cotangentName = ({ name }: Named): string => `cotangent/${name}`;

export const gradientOutputs = adapterTensorNames.map(gradientName);

/**
 * Inputs: those of `joinedGraph`, the mean pieces' own, and `cotangent/PIECE` [length] for each moments piece.
 * Outputs: `gradient/TENSOR` for each of the adapter's tensors; `loss/PIECE` for each mean piece.
 * Only the layers that the pieces look at are run and differentiated.
 *
 * A moments piece adds its means times its cotangents: what that has for a gradient, added up over the parts of
 * a batch, is the gradient of the piece over the whole batch.
 */
export function fitGraph(options: GraphOptions, pieces: readonly LossPiece[]): GraphModel {
  const b = builderFor(options, pieces);
  const terms = pieces.map((piece) => {
    if (piece.kind === 'mean') {
      const value = b.alias(piece.append(b), pieceName(piece));
      return { keep: [value], term: b.mul(value, piece.weight) };
    }
    const cotangents = b.input(cotangentName(piece), [piece.length]);
    return { keep: [], term: b.reshape(b.reduceSum(b.mul(piece.append(b), cotangents)), []) };
  });
  const sum = terms.map(({ term }) => term).reduce((total, term) => b.add(total, term));
  const keep = terms.flatMap((term) => term.keep);
  return gradientGraph(b.model([sum, ...keep]), { result: sum, withRespectTo: adapterTensorNames, keep });
}

/** Inputs: those of `joinedGraph`. Outputs: `moments/PIECE` [length] for each piece. */
export function momentsGraph(options: GraphOptions, pieces: readonly MomentsPiece[]): GraphModel {
  const b = builderFor(options, pieces);
  return b.model(pieces.map((piece) => b.alias(piece.append(b), momentsName(piece))));
}

function builderFor(options: GraphOptions, pieces: readonly LossPiece[]): GraphBuilder {
  const tensors = [...new Set(pieces.flatMap((piece) => piece.tensors))];
  return GraphBuilder.from(joinedGraph({ ...options, tensors }));
}
