/** Convolution: with respect to the input, the weights and the bias. */
import { intAttribute } from '../attributes.ts';
import { windowsOf } from '../windows.ts';
import { convInputGradient, type ConvGradient } from './conv-input.ts';
import { convWeightGradient } from './conv-weights.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

function gradientOf(c: Backward): ConvGradient {
  const { node, builder, gradient, x } = c;
  const windows = windowsOf(node, inputDims(c, 0).slice(2), inputDims(c, 1).slice(2));
  return { builder, gradient, weights: x(1), groups: intAttribute(node, 'group', 1), windows };
}

const conv: Rule = (c) => [
  () => convInputGradient(gradientOf(c)),
  () => convWeightGradient(gradientOf(c), c.x(0)),
  () => {
    const axes = inputDims(c, 0).map((_, axis) => axis);
    return c.builder.reduceSum(
      c.gradient,
      axes.filter((axis) => axis !== 1),
      { keepdims: false },
    );
  },
];

export const convolutions: Readonly<Record<string, Rule>> = { Conv: conv };
