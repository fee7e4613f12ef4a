/** A loss in pieces that can be added up; each adds its nodes to the graph that is fitted. */
import type { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { Tensors } from '../../engine/engine.ts';

/**
 * Either a mean over the frames of a batch, or a function of such means. Both can be computed a few frames at a
 * time: the gradients of a mean are added up; for a function of means, these are taken over the batch first.
 */
export type LossPiece = MeanPiece | MomentsPiece;

interface PieceCommon {
  /** In histories and messages. */
  readonly name: string;
  readonly weight: number;
  /** Tensors of the classifier's graph that it looks at. */
  readonly tensors: readonly string[];
}

export interface MeanPiece extends PieceCommon {
  readonly kind: 'mean';
  /** Adds its nodes, and inputs where it has `feeds`; answers the name of the scalar, a mean over the frames. */
  readonly append: (builder: GraphBuilder) => string;
  /** What its inputs get for a batch of these frames of the set. */
  readonly feeds?: (indices: readonly number[]) => Tensors | Promise<Tensors>;
}

export interface MomentsPiece extends PieceCommon {
  readonly kind: 'moments';
  /** Numbers that are means over the frames. */
  readonly length: number;
  /** Adds its nodes; answers the name of the vector of these numbers. */
  readonly append: (builder: GraphBuilder) => string;
  /** The loss of a batch's means, and its gradient with respect to them. */
  readonly loss: (moments: Float64Array) => { readonly value: number; readonly gradient: Float64Array };
}
