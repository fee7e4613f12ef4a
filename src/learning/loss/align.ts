/** Statistics of activations brought to those of training, or of the stream's own good time: no labels needed. */
import type { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { channelUnits, type ActivationStatistics } from '../statistics/feature-statistics.ts';
import type { LossPiece } from './piece.ts';

/**
 * Mean over channels of `((m − m*) / s*)² + (log s − log s*)²`, then over tensors; m and s are the
 * mean and standard deviation of a channel over the batch and all places: `statisticsDistance` of a batch.
 *
 * Reference: Eastwood et al., arXiv 2107.05446 (alignment of the first layers' marginals); moments as
 * in Mirza et al., arXiv 2211.12870.
 */
export function alignPiece(target: readonly ActivationStatistics[], { weight = 1 } = {}): LossPiece {
  return {
    name: 'align',
    weight,
    tensors: target.map(({ tensor }) => tensor),
    append: (b) => {
      const distances = target.map((one) => channelDistances(b, one));
      return b.mul(
        distances.reduce((sum, distance) => b.add(sum, distance)),
        1 / distances.length,
      );
    },
  };
}

/** A tensor [N, C, H, W] to a scalar. In the target's units, so that squares lose no digits. */
function channelDistances(b: GraphBuilder, target: ActivationStatistics): string {
  const { unit, floor } = channelUnits(target);
  const channels = (values: readonly number[]) => b.constant(values, [1, values.length, 1, 1]);
  const scale = channels(unit.map((u) => 1 / u));
  const offset = channels(target.mean.map((m, i) => -m / (unit[i] ?? NaN)));
  const scaled = b.add(b.mul(target.tensor, scale), offset);
  const shift = b.reduceMean(scaled, [0, 2, 3]);
  const variance = b.sub(b.reduceMean(b.mul(scaled, scaled), [0, 2, 3]), b.mul(shift, shift));
  // Rounding can leave less than nothing of the variance of a dead channel.
  const spread = b.mul(b.op('Log', [b.add(b.op('Relu', [variance]), channels(floor))]), 0.5);
  return b.reshape(b.reduceMean(b.add(b.mul(shift, shift), b.mul(spread, spread))), []);
}
