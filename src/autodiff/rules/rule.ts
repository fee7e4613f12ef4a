/** A vector-Jacobian product: how the gradient of an operator's output becomes those of its inputs. */
import type { Node } from '../../onnx/model.ts';
import { unsupported } from '../errors.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { at } from '../tensor-type.ts';

export interface Backward {
  readonly node: Node;
  /** Where the backward nodes go; it knows all shapes. */
  readonly builder: GraphBuilder;
  /** The gradient of the first output. */
  readonly gradient: string;
  /** The gradients of all outputs; `undefined` for those that do not reach the result. */
  readonly gradients: readonly (string | undefined)[];
  /** Input by position; `''` where it is left out. */
  readonly x: (index: number) => string;
  /** The first output. */
  readonly y: string;
}

/**
 * One function for each input, called only where the input's gradient is needed; `undefined` where the
 * gradient is zero or the input is not a number to differentiate by.
 *
 * A gradient may have the shape that the input is broadcast to: it is summed to the input's own elsewhere.
 */
export type Rule = (backward: Backward) => readonly ((() => string) | undefined)[];

/** A constant input's values. Throws a `UserError` where the input is not constant. */
export function constantInput({ node, builder }: Backward, index: number): readonly number[] | undefined {
  const name = node.inputs[index];
  if (!name) return undefined;
  const values = builder.numbers(name);
  if (values === undefined) throw unsupported(node, `whose input ${index} must be a constant to be differentiated`);
  return values;
}

/** The dimensions of an input. */
export function inputDims({ node, builder }: Backward, index: number): readonly number[] {
  return builder.dims(at(node.inputs, index));
}
