/** Derivatives of functions of two (or several) elements; broadcasting is undone elsewhere. */
import type { Rule } from './rule.ts';

const sum: Rule = ({ node, gradient }) => node.inputs.map(() => () => gradient);

/** The larger or smaller of two; the first one takes the gradient of a tie. */
const extremum =
  (comparison: string): Rule =>
  ({ node, builder: b, gradient, x, y }) =>
    node.inputs.map((_, i) => () => {
      const earlier = node.inputs.slice(0, i).map((other) => b.op(comparison, [x(i), other]));
      const wins = [b.op('Equal', [x(i), y]), ...earlier].reduce((a, c) => b.op('And', [a, c]));
      return b.op('Where', [wins, gradient, 0]);
    });

export const binaries: Readonly<Record<string, Rule>> = {
  Add: sum,
  Sum: sum,
  Sub: ({ builder: b, gradient }) => [() => gradient, () => b.op('Neg', [gradient])],
  Mul: ({ builder: b, gradient, x }) => [() => b.mul(gradient, x(1)), () => b.mul(gradient, x(0))],
  Div: ({ builder: b, gradient, x, y }) => [
    () => b.div(gradient, x(1)),
    () => b.op('Neg', [b.div(b.mul(gradient, y), x(1))]),
  ],
  Pow: ({ builder: b, gradient, x, y }) => [
    () => b.mul(gradient, power(b, x(0), x(1))),
    () => b.mul(b.mul(gradient, y), b.op('Log', [x(0)])),
  ],
  Max: extremum('Greater'),
  Min: extremum('Less'),
  Where: ({ builder: b, gradient, x }) => [
    undefined,
    () => b.op('Where', [x(0), gradient, 0]),
    () => b.op('Where', [x(0), 0, gradient]),
  ],
};

type Builder = Parameters<Rule>[0]['builder'];

/** d xᵖ/dx = p·xᵖ⁻¹ */
function power(b: Builder, x: string, p: string): string {
  if (b.numbers(p)?.every((value) => value === 2)) return b.mul(x, 2);
  return b.mul(p, b.op('Pow', [x, b.sub(p, 1)]));
}
