/** A head as ONNX graphs: to classify with, to train with, and to put behind a backbone. */
import { gradientGraph } from '../../autodiff/gradient.ts';
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import { seededRandom } from '../../domain/random.ts';
import { dataType, int, node, type GraphModel, type ValueInfo } from '../../onnx/model.ts';
import type { HeadKind } from './backbone.ts';

export interface HeadShape {
  readonly kind: HeadKind;
  /** Features per image. */
  readonly features: number;
  /** Logits per image: 1 for two classes, else one for each. */
  readonly outputs: number;
}

/** Units of the paper's hidden layer. */
export const hiddenUnits = 64;

export interface HeadParameter {
  readonly name: string;
  readonly dims: readonly number[];
}

/** The tensors that are trained: for each dense layer the weights [units, inputs], then the biases [units]. */
export function headParameters({ kind, features, outputs }: HeadShape): readonly HeadParameter[] {
  if (kind === 'gap') return dense('dense', features, outputs);
  return [...dense('fc1', features, hiddenUnits), ...dense('fc2', hiddenUnits, outputs)];
}

function dense(name: string, inputs: number, units: number): HeadParameter[] {
  return [
    { name: `${name}.weight`, dims: [units, inputs] },
    { name: `${name}.bias`, dims: [units] },
  ];
}

/**
 * Weights to start from: uniform in ±√(6 / (inputs + units)), biases 0, as Keras' Dense has them.
 *
 * Reference: Glorot and Bengio, AISTATS 2010, equation 16.
 */
export function initialHead(shape: HeadShape, seed: number): Float32Array<ArrayBuffer>[] {
  const random = seededRandom(seed);
  return headParameters(shape).map(({ dims: [units = 0, inputs] }) => {
    if (inputs === undefined) return new Float32Array(units);
    const limit = Math.sqrt(6 / (inputs + units));
    return Float32Array.from({ length: units * inputs }, () => (2 * random.next() - 1) * limit);
  });
}

/**
 * Inputs: `features`, float32 [N, features], and the parameters by name. Output: `logits`, [N, outputs].
 */
export function headModel(shape: HeadShape, batch: number | 'N' = 'N'): GraphModel {
  const { kind, features, outputs } = shape;
  const gemm = (input: string, layer: string, output: string) =>
    node('Gemm', [input, `${layer}.weight`, `${layer}.bias`], [output], { transB: int(1) });
  return {
    name: `${kind}-head`,
    opset: 17,
    nodes:
      kind === 'gap'
        ? [gemm('features', 'dense', 'logits')]
        : [gemm('features', 'fc1', 'fc1'), node('Relu', ['fc1'], ['fc1_relu']), gemm('fc1_relu', 'fc2', 'logits')],
    initializers: [],
    inputs: [value('features', [batch, features]), ...headParameters(shape).map(({ name, dims }) => value(name, dims))],
    outputs: [value('logits', [batch, outputs])],
  };
}

/**
 * The head with its loss and the loss' gradients: `gradient/NAME` for each parameter, `loss`, `logits`.
 *
 * Further inputs: `targets` [batch, outputs], for one output 1 for the second class, else one-hot; `weights`
 * [batch, 1], of the examples, 0 for rows that only fill the batch. The loss is Σ weight · cross-entropy; for
 * one output the cross-entropy is softplus(z) − t·z, which does not overflow.
 */
export function headTrainingModel(shape: HeadShape, batch: number): GraphModel {
  const builder = GraphBuilder.from(headModel(shape, batch));
  builder.input('targets', [batch, shape.outputs]);
  builder.input('weights', [batch, 1]);
  const entropy =
    shape.outputs === 1
      ? builder.sub(builder.op('Softplus', ['logits']), builder.mul('targets', 'logits'))
      : builder.op('Neg', [
          builder.reduceSum(builder.mul('targets', builder.op('LogSoftmax', ['logits'], { axis: int(-1) })), [1]),
        ]);
  builder.alias(builder.reduceSum(builder.mul(entropy, 'weights'), undefined, { keepdims: false }), 'loss');
  return gradientGraph(builder.model(['loss', 'logits']), {
    of: 'loss',
    withRespectTo: headParameters(shape).map(({ name }) => name),
    keep: ['logits'],
  });
}

function value(name: string, dims: readonly (number | string)[]): ValueInfo {
  return { name, dataType: dataType.float, dims };
}
