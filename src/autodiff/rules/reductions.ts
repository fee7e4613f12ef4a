/** Sums and means over axes: their gradient is spread over what was summed. */
import { reducedAxes } from '../infer/reductions.ts';
import { elementCount } from '../tensor-type.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

/** The gradient in the input's shape, each element times `factor`. */
function spread(c: Backward, axes: readonly number[], factor: number): string {
  const { builder: b, gradient } = c;
  const dims = inputDims(c, 0);
  const kept = b.reshape(
    gradient,
    dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
  return b.op('Expand', [factor === 1 ? kept : b.mul(kept, factor), b.int64s(dims)]);
}

function axesOf({ node, builder: b, x }: Backward): number[] {
  const inputs = [b.type(x(0))];
  return reducedAxes({ node, opset: b.opset, inputs, numbers: (input) => b.numbers(node.inputs[input]) });
}

const mean = (c: Backward, axes: readonly number[]) =>
  spread(c, axes, 1 / elementCount(axes.map((axis) => inputDims(c, 0)[axis] ?? 1)));

export const reductions: Readonly<Record<string, Rule>> = {
  ReduceSum: (c) => [() => spread(c, axesOf(c), 1)],
  ReduceMean: (c) => [() => mean(c, axesOf(c))],
  GlobalAveragePool: (c) => [
    () =>
      mean(
        c,
        inputDims(c, 0)
          .map((_, axis) => axis)
          .slice(2),
      ),
  ],
};
