/** Derivatives of functions of one element. */
import { floatAttribute, intAttribute } from '../attributes.ts';
import { isFloat } from '../tensor-type.ts';
import type { Backward, Rule } from './rule.ts';

/** A rule for one input from its derivative times the gradient. */
const unary =
  (derivative: (backward: Backward) => string): Rule =>
  (backward) => [() => derivative(backward)];

/** d erf(x)/dx = 2/√π · exp(−x²) */
function gaussian({ builder: b }: Backward, x: string): string {
  return b.mul(b.op('Exp', [b.op('Neg', [b.mul(x, x)])]), 2 / Math.sqrt(Math.PI));
}

/** The cast back; a cast from integers or booleans has no derivative. */
const cast: Rule = ({ builder: b, gradient, x }) => {
  const from = b.type(x(0)).dataType;
  return [isFloat(from) ? () => b.op('Cast', [gradient], { to: { kind: 'int', value: from } }) : undefined];
};

export const unaries: Readonly<Record<string, Rule>> = {
  Identity: unary(({ gradient }) => gradient),
  Cast: cast,
  Neg: unary(({ builder: b, gradient }) => b.op('Neg', [gradient])),
  Abs: unary(({ builder: b, gradient, x }) => b.mul(gradient, b.op('Sign', [x(0)]))),
  Exp: unary(({ builder: b, gradient, y }) => b.mul(gradient, y)),
  Log: unary(({ builder: b, gradient, x }) => b.div(gradient, x(0))),
  Sqrt: unary(({ builder: b, gradient, y }) => b.div(b.mul(gradient, 0.5), y)),
  Reciprocal: unary(({ builder: b, gradient, y }) => b.op('Neg', [b.mul(gradient, b.mul(y, y))])),
  Tanh: unary(({ builder: b, gradient, y }) => b.sub(gradient, b.mul(gradient, b.mul(y, y)))),
  Sigmoid: unary(({ builder: b, gradient, y }) => b.mul(gradient, b.mul(y, b.sub(1, y)))),
  Softplus: unary(({ builder: b, gradient, x }) => b.mul(gradient, b.op('Sigmoid', [x(0)]))),
  Erf: unary((c) => c.builder.mul(c.gradient, gaussian(c, c.x(0)))),
  Gelu: unary(gelu),
  LeakyRelu: unary(leakyRelu),
  HardSigmoid: unary(({ node, builder: b, gradient, y }) => {
    const inside = b.op('And', [b.op('Greater', [y, 0]), b.op('Less', [y, 1])]);
    return b.op('Where', [inside, b.mul(gradient, floatAttribute(node, 'alpha', 0.2)), 0]);
  }),
  HardSwish: unary(({ builder: b, gradient, x }) => {
    // x·clip(x/6 + 1/2, 0, 1): 0 below −3, 1 above 3, x/3 + 1/2 between.
    const slope = b.add(b.mul(x(0), 1 / 3), 0.5);
    const below = b.op('Where', [b.op('Less', [x(0), -3]), 0, slope]);
    return b.mul(gradient, b.op('Where', [b.op('Greater', [x(0), 3]), 1, below]));
  }),
  Dropout: (c) => [() => c.gradient, undefined, undefined],
};

/** x·Φ(x), Φ the normal distribution; or its approximation by tanh, as GELU's paper has it. */
function gelu({ node, builder: b, gradient, x }: Backward): string {
  const input = x(0);
  const square = b.mul(input, input);
  const approximate = node.attributes['approximate'];
  if (approximate?.kind === 'string' && approximate.value === 'tanh') {
    const c = Math.sqrt(2 / Math.PI);
    const tanh = b.op('Tanh', [b.mul(b.mul(input, c), b.add(b.mul(square, 0.044715), 1))]);
    const inner = b.mul(b.add(b.mul(square, 3 * 0.044715), 1), c);
    const slope = b.mul(b.mul(input, b.sub(1, b.mul(tanh, tanh))), inner);
    return b.mul(gradient, b.mul(b.add(b.add(tanh, 1), slope), 0.5));
  }
  const distribution = b.mul(b.add(b.op('Erf', [b.mul(input, Math.SQRT1_2)]), 1), 0.5);
  const density = b.mul(b.op('Exp', [b.mul(square, -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return b.mul(gradient, b.add(distribution, b.mul(input, density)));
}

function leakyRelu({ node, builder: b, gradient, x }: Backward): string {
  const negative = b.mul(gradient, floatAttribute(node, 'alpha', 0.01));
  return b.op('Where', [b.op('Greater', [x(0), 0]), gradient, negative]);
}

/** Softmax and its logarithm over one axis. */
export const softmaxes: Readonly<Record<string, Rule>> = {
  Softmax: unary(({ node, builder: b, gradient, y }) => {
    const product = b.mul(gradient, y);
    return b.sub(product, b.mul(y, b.reduceSum(product, [intAttribute(node, 'axis', -1)])));
  }),
  LogSoftmax: unary(({ node, builder: b, gradient, y }) => {
    const sum = b.reduceSum(gradient, [intAttribute(node, 'axis', -1)]);
    return b.sub(gradient, b.mul(b.op('Exp', [y]), sum));
  }),
};
