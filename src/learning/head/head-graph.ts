/** A head as ONNX graphs: to classify with and to put behind a backbone. */
import { seededRandom } from '../../domain/random.ts';
import { int, node } from '../../onnx/build.ts';
import { dataType, type GraphModel, type Node, type ValueInfo } from '../../onnx/model.ts';
import type { HeadKind } from './backbone.ts';
import type { Network, NetworkParameter } from './network.ts';

export interface HeadShape {
  readonly kind: HeadKind;
  /** Features per image. */
  readonly features: number;
  /** Logits per image: 1 for two classes, else one for each. */
  readonly outputs: number;
}

/** Units of the paper's hidden layer. */
export const hiddenUnits = 64;

/** The tensors that are trained: for each dense layer the weights [units, inputs], then the biases [units]. */
export function headParameters({ kind, features, outputs }: HeadShape): readonly NetworkParameter[] {
  if (kind === 'gap') return dense('dense', features, outputs);
  return [...dense('fc1', features, hiddenUnits), ...dense('fc2', hiddenUnits, outputs)];
}

function dense(name: string, inputs: number, units: number): NetworkParameter[] {
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

export function headNetwork(shape: HeadShape): Network {
  return {
    input: 'features',
    exampleDims: [shape.features],
    parameters: headParameters(shape),
    outputs: shape.outputs,
    model: (batch) => headModel(shape, batch),
  };
}

/**
 * What a head's features are made of a feature map by: `head/features`, in the order channels, rows, columns.
 */
export function featureNodes(map: string, kind: HeadKind): Node[] {
  const pooled = kind === 'gap' ? [node('GlobalAveragePool', [map], ['head/pooled'])] : [];
  return [...pooled, node('Flatten', [kind === 'gap' ? 'head/pooled' : map], ['head/features'], { axis: int(1) })];
}

function value(name: string, dims: readonly (number | string)[]): ValueInfo {
  return { name, dataType: dataType.float, dims };
}
