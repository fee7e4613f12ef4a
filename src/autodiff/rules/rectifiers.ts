/** Gradients that pass where an activation is not at its limit: told from the output, so the input is not kept. */
import { constantInput, type Backward, type Rule } from './rule.ts';

/** max(x, 0): the sign of the output is 1 where it passes, else 0. */
const relu: Rule = ({ builder: b, gradient, y }) => [() => b.mul(gradient, b.op('Sign', [y]))];

/** min(max(x, low), high) */
const clip: Rule = (c) => [() => clipped(c), undefined, undefined];

function clipped(c: Backward): string {
  const { builder: b, gradient, y } = c;
  const above = b.op('Greater', [y, constantInput(c, 1)?.[0] ?? -Infinity]);
  const below = b.op('Less', [y, constantInput(c, 2)?.[0] ?? Infinity]);
  return b.op('Where', [b.op('And', [above, below]), gradient, 0]);
}

export const rectifiers: Readonly<Record<string, Rule>> = { Relu: relu, Clip: clip };
