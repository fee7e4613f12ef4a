/** The alignment's dearest layer looked at in every second place: what it is aligned by are means over places. */
import { intsAttribute } from '../../autodiff/attributes.ts';
import { ints } from '../../onnx/build.ts';
import type { GraphModel, Node } from '../../onnx/model.ts';
import type { ActivationStatistics } from '../statistics/feature-statistics.ts';

/**
 * A classifier in which the last of these activations, if an unstrided convolution makes it, has every second row and
 * column only. For graphs that end there: what comes after would not fit any more.
 *
 * Neighbours say nearly the same, so that a quarter of the places has nearly the same means and standard deviations,
 * and this layer is as dear as all before it together: 3×3, 80 to 192 channels in InceptionV3.
 */
export function sparseLast(
  classifier: GraphModel,
  activations: readonly Pick<ActivationStatistics, 'tensor'>[],
): GraphModel {
  const tensor = activations.at(-1)?.tensor;
  return { ...classifier, nodes: classifier.nodes.map((node) => (isDense(node, tensor) ? strided(node) : node)) };
}

function isDense(node: Node, tensor: string | undefined): boolean {
  if (node.opType !== 'Conv' || node.outputs[0] !== tensor) return false;
  const strides = intsAttribute(node, 'strides') ?? [1, 1];
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  return strides.length === 2 && strides.every((stride) => stride === 1) && kernel.some((side) => side > 1);
}

function strided(node: Node): Node {
  return { ...node, attributes: { ...node.attributes, strides: ints(2, 2) } };
}
