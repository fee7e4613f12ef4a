/** Where the windows of convolutions and poolings lie, per spatial axis. */
import type { Node } from '../onnx/model.ts';
import { intAttribute, intsAttribute, textAttribute } from './attributes.ts';
import { at } from './tensor-type.ts';

export interface Window {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before and after the input, elements. */
  readonly begin: number;
  readonly end: number;
  /** Elements from the first to the last tap, both included. */
  readonly span: number;
}

/**
 * The windows of `node` over an input of these spatial dimensions.
 *
 * Reference: ONNX operators Conv, MaxPool and AveragePool (`auto_pad`, `ceil_mode`).
 */
export function windowsOf(node: Node, spatial: readonly number[], kernel: readonly number[]): Window[] {
  const strides = intsAttribute(node, 'strides');
  const dilations = intsAttribute(node, 'dilations');
  const pads = intsAttribute(node, 'pads');
  const autoPad = textAttribute(node, 'auto_pad', 'NOTSET');
  const ceil = intAttribute(node, 'ceil_mode', 0) === 1;
  return spatial.map((input, axis) => {
    const stride = strides?.[axis] ?? 1;
    const dilation = dilations?.[axis] ?? 1;
    const span = dilation * (at(kernel, axis) - 1) + 1;
    const explicit = { begin: pads?.[axis] ?? 0, end: pads?.[axis + spatial.length] ?? 0 };
    const { begin, end } = autoPad === 'NOTSET' ? explicit : automaticPads(autoPad, input, stride, span);
    const output = outputLength({ padded: input + begin + end, reach: input + begin, span, stride, ceil });
    return { input, output, kernel: at(kernel, axis), stride, dilation, begin, end, span };
  });
}

function automaticPads(autoPad: string, input: number, stride: number, span: number) {
  if (autoPad === 'VALID') return { begin: 0, end: 0 };
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + span - input, 0);
  const less = Math.floor(total / 2);
  return autoPad === 'SAME_UPPER' ? { begin: less, end: total - less } : { begin: total - less, end: less };
}

function outputLength(window: { padded: number; reach: number; span: number; stride: number; ceil: boolean }): number {
  const steps = (window.padded - window.span) / window.stride;
  if (!window.ceil) return Math.floor(steps) + 1;
  const output = Math.ceil(steps) + 1;
  return (output - 1) * window.stride >= window.reach ? output - 1 : output; // no window begins in the end padding
}
