/** Quantised weights in a form that is folded when a graph is loaded. */
import { floats, int, node } from '../onnx/build.ts';
import { dataType, type GraphModel, type Initializer, type Node } from '../onnx/model.ts';
import { numbersOf } from './constants.ts';
import { isZero, withoutQuantised, type QuantisedConstant } from './quantised.ts';
import { elementCount } from './tensor-type.ts';

/**
 * Replaces each DequantizeLinear of constants by Cast, Sub and Mul.
 *
 * The values are the same and the file stays as small, but onnxruntime computes these once, when it loads the
 * graph, whereas it leaves DequantizeLinear to every run and then cannot lay out the weights for its fast
 * convolutions: InceptionV3 runs 1.3 to 1.5 times as fast.
 */
export function foldableWeights(model: GraphModel): GraphModel {
  return withoutQuantised(model, arithmetic);
}

function arithmetic({ values, scale, zero, axis }: QuantisedConstant, output: string) {
  const along = (parameter: Initializer, name: string) => {
    const dims = elementCount(parameter.dims) === 1 ? [] : values.dims.map((dim, i) => (i === axis ? dim : 1));
    return floats(name, numbersOf(parameter), dims);
  };
  const [cast, centred] = [`${output}/cast`, `${output}/centred`];
  const [scaleName, zeroName] = [`${output}/scale`, `${output}/zero`];
  const shifted = zero !== undefined && !isZero(zero);
  const nodes: Node[] = [
    node('Cast', [values.name], [cast], { to: int(dataType.float) }),
    ...(shifted ? [node('Sub', [cast, zeroName], [centred])] : []),
    node('Mul', [shifted ? centred : cast, scaleName], [output]),
  ];
  return { nodes, initializers: [along(scale, scaleName), ...(shifted ? [along(zero, zeroName)] : [])] };
}
