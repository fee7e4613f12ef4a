/** Statistics of activations brought to those of training, or of the stream's own good time: no labels needed. */
import type { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { int, ints } from '../../onnx/build.ts';
import { channelUnits, type ActivationStatistics } from '../statistics/feature-statistics.ts';
import type { MomentsPiece } from './piece.ts';

/**
 * Mean over channels of `((m − m*) / s*)² + (log s − log s*)²`, then over tensors; m and s are the
 * mean and standard deviation of a channel over the batch and all places: `statisticsDistance` of a batch.
 *
 * Reference: Eastwood et al., arXiv 2107.05446 (alignment of the first layers' marginals); moments as
 * in Mirza et al., arXiv 2211.12870.
 */
export function alignPiece(target: readonly ActivationStatistics[], { weight = 1 } = {}): MomentsPiece {
  const channels = target.flatMap((statistics) =>
    channelUnits(statistics).floor.map((floor) => ({ floor, share: 1 / (target.length * statistics.mean.length) })),
  );
  return {
    kind: 'moments',
    name: 'align',
    weight,
    tensors: target.map(({ tensor }) => tensor),
    length: 2 * channels.length,
    append: (b) => {
      const scaled = target.map((statistics) => inUnits(b, statistics));
      const squares = scaled.map((x) => b.mul(x, x));
      const means = [...scaled, ...squares].map((x) => channelMeans(b, x));
      return b.op('Concat', means, { axis: { kind: 'int', value: 0 } });
    },
    loss: (moments) => {
      const gradient = new Float64Array(moments.length);
      let value = 0;
      channels.forEach(({ floor, share }, i) => {
        const shift = moments[i] ?? NaN;
        const variance = (moments[channels.length + i] ?? NaN) - shift * shift;
        // Rounding can leave less than nothing of the variance of a dead channel.
        const raised = Math.max(0, variance) + floor;
        const spread = Math.log(raised) / 2;
        value += share * (shift * shift + spread * spread);
        const byVariance = variance > 0 ? (share * spread) / raised : 0;
        gradient[i] = 2 * shift * (share - byVariance);
        gradient[channels.length + i] = byVariance;
      });
      return { value, gradient };
    },
  };
}

/**
 * `(x − m*) / s*` of a tensor [N, C, H, W], so that squares lose no digits.
 *
 * As a convolution, and the means as a pooling, since onnxruntime has these for the blocks of channels in which it keeps
 * activations: for sums along axes it would put them in rows again.
 */
function inUnits(b: GraphBuilder, { tensor, mean, standardDeviation }: ActivationStatistics): string {
  const { unit } = channelUnits({ tensor, mean, standardDeviation });
  const scale = b.constant(
    unit.map((u) => 1 / u),
    [unit.length, 1, 1, 1],
  );
  const offset = b.constant(
    mean.map((m, i) => -m / (unit[i] ?? NaN)),
    [unit.length],
  );
  return b.op('Conv', [tensor, scale, offset], { group: int(unit.length), kernel_shape: ints(1, 1) });
}

/** [N, C, H, W] → [C] */
function channelMeans(b: GraphBuilder, x: string): string {
  return b.reduceMean(b.op('GlobalAveragePool', [x]), [0, 2, 3], { keepdims: false });
}
