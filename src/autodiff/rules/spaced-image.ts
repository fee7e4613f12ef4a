/** The outputs of strided windows put where the windows lie, so that windows without stride sum over them. */
import { text } from '../../onnx/build.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { at, indices } from '../tensor-type.ts';
import type { Window } from '../windows.ts';

/**
 * [N, C, output…] → [N, C, input + span − 1…]: output q lies at span − 1 − begin + stride·q, zeros elsewhere,
 * so that the tap k of the flipped window at input i meets the outputs that i has contributed to by k.
 */
export function spacedImage(b: GraphBuilder, x: string, windows: readonly Window[]): string {
  const apart = separated(b, x, windows);
  const before = windows.map(({ span, begin }) => span - 1 - begin);
  const after = windows.map(({ input, span, stride, output }, i) => input + span - 1 - at(before, i) - stride * output);
  return b.pad(apart, [0, 0, ...before], [0, 0, ...after]);
}

/** Each element repeated, all repetitions but the first set to zero: engines do both row by row, and in parallel. */
function separated(b: GraphBuilder, x: string, windows: readonly Window[]): string {
  const strides = windows.map(({ stride }) => stride);
  if (strides.every((stride) => stride === 1)) return x;
  const scales = b.constant([1, 1, ...strides], [strides.length + 2]);
  const repeated = b.op('Resize', [x, '', scales], {
    mode: text('nearest'),
    nearest_mode: text('floor'),
    coordinate_transformation_mode: text('asymmetric'),
  });
  const dims = b.dims(repeated).slice(2);
  const first = Array.from(indices(dims), (index) => (index.every((i, axis) => i % at(strides, axis) === 0) ? 1 : 0));
  return b.mul(repeated, b.constant(first, [1, 1, ...dims], b.type(x).dataType));
}
