/** Shapes of sums and means over axes. */
import { intAttribute, intsAttribute } from '../attributes.ts';
import { positiveAxis } from '../tensor-type.ts';
import { inputType, withDims, type Infer, type Inference } from './infer.ts';

/** The axes that a reduction runs over, from the attribute or the input, all of them by default. */
export function reducedAxes(c: Inference): number[] {
  const rank = inputType(c, 0).dims.length;
  const axes = intsAttribute(c.node, 'axes') ?? c.numbers(1) ?? [];
  if (axes.length > 0) return axes.map((axis) => positiveAxis(axis, rank));
  const nothing = intAttribute(c.node, 'noop_with_empty_axes', 0) === 1;
  return nothing ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

const reduce: Infer = (c) => {
  const x = inputType(c, 0);
  const axes = new Set(reducedAxes(c));
  const keep = intAttribute(c.node, 'keepdims', 1) === 1;
  const dims = x.dims.flatMap((dim, axis) => (axes.has(axis) ? (keep ? [1] : []) : [dim]));
  return [withDims(x, dims)];
};

export const reductions: Readonly<Record<string, Infer>> = { ReduceMean: reduce, ReduceSum: reduce };
