/** What some tensors are computed from. */
import type { Node } from '../onnx/model.ts';

/**
 * The nodes that `outputs` need, in their order, and every tensor that is read: those nodes'
 * inputs and the outputs themselves.
 */
export function needed(nodes: readonly Node[], outputs: readonly string[]): { nodes: Node[]; reads: Set<string> } {
  const reads = new Set(outputs);
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => reads.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) if (name !== '') reads.add(name);
  }
  return { nodes: kept.reverse(), reads };
}

/** The tensors that change when one of `sources` does. */
export function dependents(nodes: readonly Node[], sources: Iterable<string>): Set<string> {
  const changing = new Set(sources);
  for (const node of nodes) {
    if (node.inputs.some((name) => changing.has(name))) node.outputs.forEach((name) => changing.add(name));
  }
  changing.delete('');
  return changing;
}
