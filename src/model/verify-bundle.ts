/** The golden test: does this classifier, on this device, still answer what it answered when it was made? */
import { argmax } from '../domain/argmax.ts';
import type { Engine, Graph } from '../engine/engine.ts';
import type { Bundle } from './bundle.ts';
import type { Card } from './card.ts';

export interface GoldenCase {
  readonly input: Card['golden'][number]['input'];
  /** Largest difference, relative where the logit is larger than 1. */
  readonly difference: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

export interface Verification {
  readonly cases: readonly GoldenCase[];
  readonly passed: boolean;
}

/** Runs the card's golden inputs on the engine. Rejects only where the graph does not load or run. */
export async function verifyBundle(bundle: Bundle, engine: Engine): Promise<Verification> {
  const graph = await engine.load(bundle.modelPath);
  try {
    const cases: GoldenCase[] = [];
    for (const golden of bundle.card.golden) cases.push(await runCase(graph, bundle.card, golden));
    return { cases, passed: cases.every(({ passed }) => passed) };
  } finally {
    await graph.release();
  }
}

async function runCase(graph: Graph, card: Card, golden: Card['golden'][number]): Promise<GoldenCase> {
  const { name, width, height } = card.input;
  const data = goldenInput(golden.input, 3 * height * width);
  const { outputs } = await graph.run({ [name]: { data, dims: [1, 3, height, width] } });
  return judgeGolden(card, golden, outputs[card.output.name]?.data as Float32Array);
}

/** Compares what a device answered for a golden input with what the card says. */
export function judgeGolden(card: Card, golden: Card['golden'][number], answer: Float32Array): GoldenCase {
  const logits = Array.from(answer);
  const differences = golden.logits.map((expected, i) => {
    return Math.abs((logits[i] ?? NaN) - expected) / Math.max(1, Math.abs(expected));
  });
  const difference = differences.some(Number.isNaN) ? NaN : Math.max(...differences);
  const sameClass = golden.argmax === undefined || argmax(logits) === golden.argmax;
  const tolerance = card.goldenTolerance;
  return { input: golden.input, difference, tolerance, passed: difference <= tolerance && sameClass };
}

/**
 * The input of a golden case: a constant, or the values vᵢ / 2³¹ of the generator
 * vᵢ₊₁ = (1103515245·vᵢ + 12345) mod 2³¹ that starts at v₀ = 1, from v₁ on, in the order of the tensor.
 */
export function goldenInput(kind: 'lcg' | number, length: number): Float32Array<ArrayBuffer> {
  if (kind !== 'lcg') return new Float32Array(length).fill(kind);
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(1103515245, state) + 12345) & 0x7fffffff;
    return state / 2 ** 31;
  });
}
