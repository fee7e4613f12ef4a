/** Static shape inference: one line per operator. */
import { elementwise } from './elementwise.ts';
import type { Infer } from './infer.ts';
import { layout } from './layout.ts';
import { reductions } from './reductions.ts';
import { windowed } from './windowed.ts';

const table = new Map<string, Infer>(Object.entries({ ...elementwise, ...windowed, ...reductions, ...layout }));

export function inferenceFor(opType: string): Infer | undefined {
  return table.get(opType);
}
