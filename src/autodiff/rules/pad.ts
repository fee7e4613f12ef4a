/** Padding: with zeros its gradient is cut; copies of the border bring their gradients back to it. */
import { textAttribute } from '../attributes.ts';
import { unsupported } from '../errors.ts';
import { padsOf } from '../infer/layout.ts';
import { at } from '../tensor-type.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

const pad: Rule = (c) => [() => unpadded(c), undefined, undefined, undefined];

function unpadded(c: Backward): string {
  const { node, builder: b } = c;
  const inputs = [b.type(c.x(0))];
  const { begin, end } = padsOf({ node, opset: b.opset, inputs, numbers: (input) => b.numbers(node.inputs[input]) });
  const mode = textAttribute(node, 'mode', 'constant');
  if (mode === 'constant') {
    const opposite = (pads: readonly number[]) => pads.map((count) => -count);
    return b.pad(c.gradient, opposite(begin), opposite(end));
  }
  if (mode !== 'edge' && mode !== 'reflect') throw unsupported(node, `whose mode "${mode}" has no gradient rule`);
  const fold = mode === 'edge' ? foldEdge : foldReflection;
  return inputDims(c, 0).reduce((gradient, length, axis) => {
    const border = { axis, length, begin: at(begin, axis), end: at(end, axis) };
    return border.begin === 0 && border.end === 0 ? gradient : fold(c, gradient, border);
  }, c.gradient);
}

interface Border {
  readonly axis: number;
  /** Of the unpadded axis. */
  readonly length: number;
  readonly begin: number;
  readonly end: number;
}

/** The first and last element have been copied `begin` and `end` times. */
function foldEdge(c: Backward, x: string, border: Border): string {
  const { axis, length, begin, end } = border;
  const edge = (from: number, to: number) => c.builder.reduceSum(part(c, x, axis, from, to), [axis]);
  const parts = [part(c, x, axis, begin, begin + length)];
  if (begin > 0) parts.push(place(c, edge(0, begin), axis, 0, length));
  if (end > 0) parts.push(place(c, edge(begin + length, begin + length + end), axis, length - 1, length));
  return total(c, parts);
}

/** Elements 1 to `begin`, and as many before the last, have been mirrored at the border. */
function foldReflection(c: Backward, x: string, border: Border): string {
  const { axis, length, begin, end } = border;
  const parts = [part(c, x, axis, begin, begin + length)];
  if (begin > 0) parts.push(place(c, mirrored(c, part(c, x, axis, 0, begin), axis), axis, 1, length));
  if (end > 0) {
    const tail = part(c, x, axis, begin + length, begin + length + end);
    parts.push(place(c, mirrored(c, tail, axis), axis, length - 1 - end, length));
  }
  return total(c, parts);
}

function part({ builder: b }: Backward, x: string, axis: number, from: number, to: number): string {
  return b.slice(x, [from], [to], [axis]);
}

function mirrored({ builder: b }: Backward, x: string, axis: number): string {
  return b.op('Slice', [x, b.int64s([-1]), b.int64s([-(2 ** 31)]), b.int64s([axis]), b.int64s([-1])]);
}

/** Zeros around `x` so that it begins at `start` of an axis of `length`. */
function place({ builder: b }: Backward, x: string, axis: number, start: number, length: number): string {
  const dims = b.dims(x);
  const only = (count: number) => dims.map((_, i) => (i === axis ? count : 0));
  return b.pad(x, only(start), only(length - start - at(dims, axis)));
}

function total({ builder: b }: Backward, parts: readonly string[]): string {
  return parts.reduce((sum, part) => b.add(sum, part));
}

export const pads: Readonly<Record<string, Rule>> = { Pad: pad };
