/** The vector-Jacobian products: one row per operator. */
import { binaries } from './binary.ts';
import { convolutions } from './conv.ts';
import { layouts } from './layout.ts';
import { normalisations } from './normalisation.ts';
import { pads } from './pad.ts';
import { pools } from './pool.ts';
import { products } from './products.ts';
import { rectifiers } from './rectifiers.ts';
import { reductions } from './reductions.ts';
import { resizes } from './resize.ts';
import type { Rule } from './rule.ts';
import { softmaxes, unaries } from './unary.ts';

/** Operators whose outputs do not change with small changes of the input. */
const constant: Rule = () => [];

const table = new Map<string, Rule>(
  Object.entries({
    ...unaries,
    ...softmaxes,
    ...rectifiers,
    ...binaries,
    ...reductions,
    ...layouts,
    ...pads,
    ...pools,
    ...convolutions,
    ...products,
    ...normalisations,
    ...resizes,
    ...Object.fromEntries(
      'Sign Floor Ceil Round Greater Less Equal GreaterOrEqual LessOrEqual Not And Or Shape'
        .split(' ')
        .map((name) => [name, constant]),
    ),
  }),
);

export function ruleFor(opType: string): Rule | undefined {
  return table.get(opType);
}
