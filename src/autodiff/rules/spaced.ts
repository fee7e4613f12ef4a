/** Zeros between and around the elements along some axes: the transpose of taking every n-th element. */
import type { GraphBuilder } from '../graph-builder.ts';
import { at } from '../tensor-type.ts';

export interface Spacing {
  readonly axis: number;
  /** Distance of neighbours in the result, elements. */
  readonly step: number;
  /** Zeros before the first element; a negative number drops elements. */
  readonly before: number;
  /** Length of the axis in the result. */
  readonly total: number;
}

/** Element i along `axis` goes to before + step·i; what falls outside of 0 to `total` is dropped. */
export function spaced(b: GraphBuilder, x: string, spacings: readonly Spacing[]): string {
  const apart = separated(b, x, spacings);
  const dims = b.dims(apart);
  const begin = dims.map((_, axis) => spacings.find((spacing) => spacing.axis === axis)?.before ?? 0);
  const end = dims.map((dim, axis) => {
    const spacing = spacings.find((candidate) => candidate.axis === axis);
    return spacing === undefined ? 0 : spacing.total - dim - spacing.before;
  });
  return b.pad(apart, begin, end);
}

/** [.., n, ..] → [.., n, 1, ..] → [.., n, step, ..] → [.., n·step, ..] */
function separated(b: GraphBuilder, x: string, spacings: readonly Spacing[]): string {
  const steps = b.dims(x).map((_, axis) => spacings.find((spacing) => spacing.axis === axis)?.step ?? 1);
  if (steps.every((step) => step === 1)) return x;
  const dims = b.dims(x);
  const parts = dims.flatMap((dim, axis) => (at(steps, axis) === 1 ? [dim] : [dim, 1]));
  const gaps = dims.flatMap((_, axis) => (at(steps, axis) === 1 ? [0] : [0, at(steps, axis) - 1]));
  const padded = b.pad(
    b.reshape(x, parts),
    gaps.map(() => 0),
    gaps,
  );
  return b.reshape(
    padded,
    dims.map((dim, axis) => dim * at(steps, axis)),
  );
}
