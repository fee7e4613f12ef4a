/** A front end taught by another one on the same frames: distillation, which needs no labels. */
import type { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { Tensors } from '../../engine/engine.ts';
import { channelUnits, type ActivationStatistics } from '../statistics/feature-statistics.ts';
import type { MeanPiece } from './piece.ts';

/** The teacher's tensors for these frames of the set, by name. */
export type Teacher = (indices: readonly number[]) => Promise<Tensors>;

/**
 * Mean of `((t − t_teacher) / s*)²` over an activation's elements, s* of its channel as in `channelUnits`,
 * plus the mean of `(z − z_teacher)²` over the logits, where these are named.
 *
 * Reference: Romero et al., arXiv 1412.6550 (hints); Hinton et al., arXiv 1503.02531.
 */
export function matchPiece(
  activation: ActivationStatistics,
  logits: string | undefined,
  { teacher, weight = 1 }: { readonly teacher: Teacher; readonly weight?: number },
): MeanPiece {
  const input = (tensor: string) => `teacher/${tensor}`;
  const difference = (b: GraphBuilder, tensor: string) => b.sub(tensor, b.input(input(tensor), b.dims(tensor)));
  return {
    kind: 'mean',
    name: 'match',
    weight,
    tensors: [activation.tensor, ...(logits === undefined ? [] : [logits])],
    append: (b) => {
      const { unit } = channelUnits(activation);
      const scale = b.constant(
        unit.map((u) => 1 / u),
        [1, unit.length, 1, 1],
      );
      const features = b.mul(difference(b, activation.tensor), scale);
      const square = (x: string) => b.reshape(b.reduceMean(b.mul(x, x)), []);
      return logits === undefined ? square(features) : b.add(square(features), square(difference(b, logits)));
    },
    feeds: async (indices) => {
      const taught = await teacher(indices);
      return Object.fromEntries(Object.entries(taught).map(([tensor, value]) => [input(tensor), value]));
    },
  };
}
