/** A part of a graph: the tensor that it makes, and how. */
import type { Initializer, Node } from '../../onnx/model.ts';

export interface Piece {
  readonly output: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
}

/** One after the other; the output is the last one's. */
export function joined(pieces: readonly Piece[]): Piece {
  return {
    output: pieces.at(-1)?.output ?? '',
    nodes: pieces.flatMap(({ nodes }) => nodes),
    initializers: pieces.flatMap(({ initializers }) => initializers),
  };
}
