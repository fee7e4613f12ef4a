/** Gradients that pass where an activation is not at its limit: told from the output, so the input is not kept. */
import { ints } from '../../onnx/build.ts';
import { dataType } from '../../onnx/model.ts';
import { at } from '../tensor-type.ts';
import { constantInput, type Backward, type Rule } from './rule.ts';

/** max(x, 0): it passes where the output is not 0. */
const relu: Rule = (c) => [() => c.builder.mul(c.gradient, isImage(c) ? saturated(c, 1, 0) : nonzero(c))];

/** 1 where the output is not 0, else 0, by two casts: engines take five times as long to find a sign. */
function nonzero({ builder: b, y }: Backward): string {
  const truth = b.op('Cast', [y], { to: { kind: 'int', value: dataType.bool } });
  return b.op('Cast', [truth], { to: { kind: 'int', value: b.type(y).dataType } });
}

/** min(max(x, low), high) */
const clip: Rule = (c) => [() => clipped(c), undefined, undefined];

function clipped(c: Backward): string {
  const { builder: b, gradient, y } = c;
  const low = constantInput(c, 1)?.[0] ?? -Infinity;
  const high = constantInput(c, 2)?.[0] ?? Infinity;
  if (isImage(c)) {
    const above = low === -Infinity ? gradient : b.mul(gradient, saturated(c, 1, -low));
    return high === Infinity ? above : b.mul(above, saturated(c, -1, high));
  }
  const inside = b.op('And', [b.op('Greater', [y, low]), b.op('Less', [y, high])]);
  return b.op('Where', [inside, gradient, 0]);
}

/** A power of two, so that steep·y − steep·limit is exactly 0 at the limit. */
const steep = 2 ** 100;

/**
 * 1 where sign·y + offset > 0, else 0, as a 1×1 depthwise convolution so steep that clipping makes it 0 or 1.
 *
 * A comparison would say the same, but onnxruntime keeps activations in blocks of channels, in which it has
 * convolutions (with the clipping fused) and products, but no comparisons: around each it would reorder
 * the activation and the gradient, which costs several times as much.
 */
function saturated({ builder: b, y }: Backward, sign: 1 | -1, offset: number): string {
  const channels = at(b.dims(y), 1);
  const weights = b.constant(Array<number>(channels).fill(sign * steep), [channels, 1, 1, 1]);
  const bias = b.constant(Array<number>(channels).fill(offset * steep), [channels]);
  const slope = b.op('Conv', [y, weights, bias], { group: { kind: 'int', value: channels }, kernel_shape: ints(1, 1) });
  return b.op('Clip', [slope, 0, 1]);
}

/** Whether onnxruntime is likely to keep the output in blocks of channels. */
function isImage({ builder: b, y }: Backward): boolean {
  const { dataType: type, dims } = b.type(y);
  return type === dataType.float && dims.length === 4 && at(dims, 1) % 8 === 0;
}

export const rectifiers: Readonly<Record<string, Rule>> = { Relu: relu, Clip: clip };
