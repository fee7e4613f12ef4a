/** A loss in pieces that can be added up; each adds its nodes to the graph that is fitted. */
import type { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { Tensors } from '../../engine/engine.ts';

export interface LossPiece {
  /** In histories and messages. */
  readonly name: string;
  readonly weight: number;
  /** Tensors of the classifier's graph that it looks at. */
  readonly tensors: readonly string[];
  /** Adds its nodes, and inputs where it has `feeds`; answers the name of the scalar. */
  readonly append: (builder: GraphBuilder) => string;
  /** What its inputs get for a batch of these frames of the set. */
  readonly feeds?: (indices: readonly number[]) => Tensors | Promise<Tensors>;
}
