/** Shapes of operators that work element by element. */
import { dataType, type DataType } from '../../onnx/model.ts';
import { intAttribute } from '../attributes.ts';
import { broadcastDims } from '../tensor-type.ts';
import { inputType, withDims, type Infer, type Inference } from './infer.ts';

const same: Infer = (c) => [inputType(c, 0)];

const broadcast: Infer = (c) => [withDims(inputType(c, 0), broadcastDims(...present(c)))];

const comparison: Infer = (c) => [{ dataType: dataType.bool, dims: broadcastDims(...present(c)) }];

function present({ inputs }: Inference): (readonly number[])[] {
  return inputs.filter((type) => type !== undefined).map(({ dims }) => dims);
}

const unary =
  'Relu Clip LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Erf Gelu Softplus Sqrt Exp Log Abs Neg Sign Reciprocal ' +
  'Floor Ceil Round Identity Softmax LogSoftmax BatchNormalization LayerNormalization CumSum Not';
const nary = 'Add Sub Mul Div Pow Sum Max Min And Or';
const comparisons = 'Greater Less Equal GreaterOrEqual LessOrEqual';

const all = (names: string, infer: Infer) => names.split(' ').map((name): [string, Infer] => [name, infer]);

export const elementwise: Readonly<Record<string, Infer>> = {
  ...Object.fromEntries([...all(unary, same), ...all(nary, broadcast), ...all(comparisons, comparison)]),
  Where: (c) => [withDims(inputType(c, 1), broadcastDims(...present(c)))],
  Cast: (c) => [{ dataType: intAttribute(c.node, 'to', 1) as DataType, dims: inputType(c, 0).dims }],
  Dropout: (c) => [inputType(c, 0), withDims({ ...inputType(c, 0), dataType: dataType.bool }, inputType(c, 0).dims)],
  DequantizeLinear: (c) => [{ dataType: inputType(c, 1).dataType, dims: inputType(c, 0).dims }],
};
