/** Statistics of the card's activations that lie behind the cut: fine-tuning changes them, and only them. */
import { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Card } from '../../model/card.ts';
import { encodeModel } from '../../onnx/wire.ts';
import { activations } from './card-statistics.ts';
import type { ExampleSource } from './example-source.ts';
import type { Parameters } from './fit-network.ts';
import { closedTail, type Tail } from './tail.ts';

export interface TailStatisticsParts {
  readonly tail: Tail;
  readonly values: Parameters;
  readonly training: ExampleSource;
  readonly engine: Engine;
}

/** The statistics with those activations measured anew, one photograph at a time. */
export async function tailStatistics(
  statistics: Card['statistics'],
  { tail, values, training, engine }: TailStatisticsParts,
): Promise<Card['statistics']> {
  const { cut, cutDims, model } = tail;
  const made = new Set(model.nodes.flatMap(({ outputs }) => outputs));
  const changed = statistics.activations.filter(({ tensor }) => made.has(tensor));
  if (changed.length === 0) return statistics;
  const dims = [1, ...cutDims];
  const builder = GraphBuilder.from(closedTail(tail, values), { [cut]: dims });
  const outputs = changed.flatMap(({ tensor }) => [
    builder.reduceMean(tensor, [2, 3]),
    builder.reduceMean(builder.mul(tensor, tensor), [2, 3]),
  ]);
  const graph = await engine.load(encodeModel(builder.model(outputs)));
  const count = training.labels.length;
  const sums: number[] = [];
  try {
    for (const index of training.labels.keys()) {
      const { outputs: moments } = await graph.run({ [cut]: { data: await training.read([index]), dims } });
      const row = outputs.flatMap((name) => Array.from(moments[name]?.data as Float32Array));
      row.forEach((value, i) => (sums[i] = (sums[i] ?? 0) + value));
    }
  } finally {
    await graph.release();
  }
  const measured = activations(
    sums.map((sum) => sum / count),
    changed.map(({ tensor, mean }) => ({ tensor, channels: mean.length })),
    count,
  );
  const anew = new Map(measured.map((activation) => [activation.tensor, activation]));
  return {
    ...statistics,
    activations: statistics.activations.map((activation) => anew.get(activation.tensor) ?? activation),
  };
}
