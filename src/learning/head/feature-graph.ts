/** The graph that is run once for each photograph: features, and moments of tensors inside of the backbone. */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { Card } from '../../model/card.ts';
import { encodeModel } from '../../onnx/wire.ts';
import type { Backbone, HeadKind } from './backbone.ts';

export interface FeatureGraph {
  /** Bytes of an ONNX model for a batch of one image. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly input: string;
  readonly features: string;
  /** Tensors of the card's statistics, with the outputs that hold their channels' means. */
  readonly moments: readonly {
    readonly tensor: string;
    readonly channels: number;
    readonly mean: string;
    readonly square: string;
  }[];
}

/**
 * Input: an image, float32 [1, 3, height, width] in [0, 1].
 * Outputs: the features, [1, channels] for `gap`, [1, channels · rows · columns] for `paper`; for each tensor
 * of `card.statistics` that the backbone has, E[x] and E[x²] over rows and columns, [1, channels, 1, 1].
 *
 * One image at a time: what a photograph gives then does not depend on those beside it.
 */
export function featureGraph({ model, map }: Backbone, card: Card, head: HeadKind): FeatureGraph {
  const { name: input, width, height } = card.input;
  const builder = GraphBuilder.from(model, { [input]: [1, 3, height, width] });
  const pooled = head === 'gap' ? builder.op('GlobalAveragePool', [map]) : map;
  const features = builder.op('Flatten', [pooled], { axis: { kind: 'int', value: 1 } });
  const moments = card.statistics.activations
    .map(({ tensor }) => tensor)
    .filter((tensor) => builder.has(tensor))
    .map((tensor) => ({
      tensor,
      channels: builder.dims(tensor)[1] ?? 0,
      mean: builder.reduceMean(tensor, [2, 3]),
      square: builder.reduceMean(builder.mul(tensor, tensor), [2, 3]),
    }));
  const outputs = [features, ...moments.flatMap(({ mean, square }) => [mean, square])];
  return { model: encodeModel(builder.model(outputs)), input, features, moments };
}
