/** Every s-th element of an axis makes a phase; here the phases are put together again. */
import type { GraphBuilder } from '../graph-builder.ts';
import { at, elementCount } from '../tensor-type.ts';

/**
 * Phases [N, C, q…], row-major over the axes → [N, C, q·s…].
 *
 * All axes but the last lie side by side in memory already; of the last one, engines copy element by element.
 */
export function interleaved(b: GraphBuilder, phases: readonly string[], strides: readonly number[]): string {
  const dims = [...b.dims(at(phases, 0))];
  const whole = strides.reduceRight<readonly string[]>((parts, stride, i) => {
    if (stride === 1) return parts;
    const axis = i + 2;
    const last = axis === dims.length - 1;
    const sides = last ? parts.map((part) => b.reshape(part, [...dims, 1])) : parts;
    dims[axis] = at(dims, axis) * stride;
    return Array.from({ length: parts.length / stride }, (_, k) => {
      const together = sides.slice(k * stride, (k + 1) * stride);
      return b.reshape(b.op('Concat', together, { axis: { kind: 'int', value: axis + 1 } }), dims);
    });
  }, phases);
  return at(whole, 0);
}

/**
 * [N, C·Πs, q…] → [N, C, q·s…], the phases of a channel lying side by side.
 *
 * One transposition for each axis: engines have loops for those, which are three times as fast as DepthToSpace.
 */
export function interleavedChannels(b: GraphBuilder, x: string, strides: readonly number[]): string {
  if (strides.every((stride) => stride === 1)) return x;
  const [batch = 1, channels = 1, ...rows] = b.dims(x);
  const c = channels / elementCount(strides);
  const whole = rows.map((row, i) => row * at(strides, i));
  const parts = strides.reduceRight((current, stride, i) => {
    if (stride === 1) return current;
    // [before, s, between, after] → [before, between, s, after]
    const before = batch * c * elementCount(strides.slice(0, i));
    const between = elementCount(rows.slice(0, i + 1));
    const after = elementCount(whole.slice(i + 1));
    return b.transpose(b.reshape(current, [before, stride, between, after]), [0, 2, 1, 3]);
  }, x);
  return b.reshape(parts, [batch, c, ...whole]);
}
