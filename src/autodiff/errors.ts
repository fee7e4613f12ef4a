/** What is wrong with a graph that is to be differentiated. */
import { UserError } from '../domain/errors.ts';
import type { Node } from '../onnx/model.ts';

/** The tensor by which a person finds the node. */
export function producedBy(node: Node): string {
  return node.outputs.find((name) => name !== '') ?? node.name;
}

export function operatorName(node: Node): string {
  return node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
}

/** An operator, or a setting of one, that has no rule. */
export function unsupported(node: Node, what: string, cause?: unknown): UserError {
  return new UserError(
    `tensor "${producedBy(node)}" comes from operator ${operatorName(node)}, ${what}; ` +
      'cut the graph behind it, or export the model with other operators',
    { cause },
  );
}
