/** What is trained: a graph from an example's numbers to logits, its parameters among its inputs. */
import { gradientGraph } from '../../autodiff/gradient.ts';
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { int } from '../../onnx/build.ts';
import type { GraphModel } from '../../onnx/model.ts';

export interface NetworkParameter {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface Network {
  /** Name of the input that takes the examples. */
  readonly input: string;
  /** Dimensions of one example. */
  readonly exampleDims: readonly number[];
  readonly parameters: readonly NetworkParameter[];
  /** Logits for each example: 1 for two classes, else one for each. */
  readonly outputs: number;
  /** Inputs: `input`, float32 [batch, ...exampleDims], and the parameters by name. Output: `logits` [batch, outputs]. */
  model(batch: number | 'N'): GraphModel;
}

/**
 * The network with its loss and the loss' gradients: `gradient/NAME` for each parameter, `loss`, `logits`.
 *
 * Further inputs: `targets` [batch, outputs], for one output 1 for the second class, else one-hot; `weights`
 * [batch, 1], of the examples, 0 for rows that only fill the batch. The loss is Σ weight · cross-entropy; for
 * one output the cross-entropy is softplus(z) − t·z, which does not overflow.
 */
export function trainingModel(network: Network, batch: number): GraphModel {
  const builder = GraphBuilder.from(network.model(batch));
  builder.input('targets', [batch, network.outputs]);
  builder.input('weights', [batch, 1]);
  const entropy =
    network.outputs === 1
      ? builder.sub(builder.op('Softplus', ['logits']), builder.mul('targets', 'logits'))
      : builder.op('Neg', [
          builder.reduceSum(builder.mul('targets', builder.op('LogSoftmax', ['logits'], { axis: int(-1) })), [1]),
        ]);
  builder.alias(builder.reduceSum(builder.mul(entropy, 'weights'), undefined, { keepdims: false }), 'loss');
  return gradientGraph(builder.model(['loss', 'logits']), {
    result: 'loss',
    withRespectTo: network.parameters.map(({ name }) => name),
    keep: ['logits'],
  });
}
