/** What a classifier answers to pictures, and how far two of them agree. */
import { argmax } from '../domain/argmax.ts';
import type { Engine } from '../engine/engine.ts';
import type { Card } from '../model/card.ts';
import type { Pictures } from './pictures.ts';

export interface Answers {
  /** By picture. */
  readonly logits: readonly Float32Array[];
  /** Of the fastest run, with one picture. */
  readonly milliseconds: number;
}

export async function answersOf(
  engine: Engine,
  model: string | Uint8Array,
  { input, output }: Card,
  { pictures, signal }: { readonly pictures: Pictures; readonly signal?: AbortSignal | undefined },
): Promise<Answers> {
  const graph = await engine.load(model);
  try {
    const logits: Float32Array[] = [];
    let fastest = Infinity;
    for (let i = 0; i < pictures.length; i++) {
      signal?.throwIfAborted();
      const feeds = { [input.name]: { data: await pictures.read(i), dims: [1, 3, input.height, input.width] } };
      const { outputs, milliseconds } = await graph.run(feeds, { fetches: [output.name] });
      logits.push(outputs[output.name]?.data as Float32Array);
      fastest = Math.min(fastest, milliseconds);
    }
    return { logits, milliseconds: fastest };
  } finally {
    await graph.release();
  }
}

/** Index of the label: the first of the largest, or, of one logit, whether it speaks for `positive`. */
export function decided({ output: { decision, labels, positive = '' } }: Card, logits: Float32Array): number {
  if (decision === 'softmax') return argmax(Array.from(logits));
  const index = labels.indexOf(positive);
  return (logits[0] ?? 0) > 0 ? index : 1 - index;
}

/** Share of the pictures with the same first label. */
export function agreement(card: Card, a: Answers, b: Answers): number {
  return share(a.logits.map((logits, i) => decided(card, logits) === decided(card, b.logits[i] ?? logits)));
}

export function accuracy(card: Card, { logits }: Answers, labels: readonly number[]): number {
  return share(logits.map((answer, i) => decided(card, answer) === labels[i]));
}

/** Signal to noise in decibels: 10 log₁₀ of the logits' variance over the mean square of their change. */
export function signalToNoise(reference: Answers, other: Answers): number {
  const values = reference.logits.flatMap((logits) => Array.from(logits));
  const changed = other.logits.flatMap((logits) => Array.from(logits));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const signal = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const noise = values.reduce((sum, value, i) => sum + (value - (changed[i] ?? NaN)) ** 2, 0);
  return 10 * Math.log10(signal / noise);
}

function share(right: readonly boolean[]): number {
  return right.filter(Boolean).length / right.length;
}
