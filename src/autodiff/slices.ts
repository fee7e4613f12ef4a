/** What a Slice takes, per axis. */
import { at, positiveAxis } from './tensor-type.ts';

export interface Range {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/**
 * The ranges of a Slice with these (constant) inputs, negative and out-of-range bounds resolved.
 *
 * Reference: ONNX operator Slice.
 */
export function sliceRanges(
  dims: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, axis) => axis),
  steps: readonly number[] = starts.map(() => 1),
): Range[] {
  return starts.map((first, i) => {
    const axis = positiveAxis(at(axes, i), dims.length);
    const size = at(dims, axis);
    const step = at(steps, i);
    const low = step < 0 ? -1 : 0;
    const high = step < 0 ? size - 1 : size;
    const start = clamp(first < 0 ? first + size : first, Math.max(low, 0), high);
    const last = at(ends, i);
    const end = clamp(last < 0 ? last + size : last, low, high);
    return { axis, start, step, length: Math.max(Math.ceil((end - start) / step), 0) };
  });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
