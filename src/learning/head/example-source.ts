/** Examples to train on, wherever their numbers lie: a batch of them is in memory, not all. */
import { stacked, type HeadExamples } from './head-examples.ts';

export interface ExampleSource {
  /** Class of each example, from 0. */
  readonly labels: readonly number[];
  /** The numbers of some examples below each other, in an array of `rows` rows that is the caller's; what is left over is 0. */
  readonly read: (indices: readonly number[], rows?: number) => Promise<Float32Array<ArrayBuffer>>;
}

export function inMemory(examples: HeadExamples): ExampleSource {
  return { labels: examples.labels, read: (indices, rows) => Promise.resolve(stacked(examples, indices, rows)) };
}

/** The examples at the places, under new indices. */
export function chosen({ labels, read }: ExampleSource, places: readonly number[]): ExampleSource {
  return {
    labels: places.map((place) => labels[place] ?? 0),
    read: (indices, rows) =>
      read(
        indices.map((index) => places[index] ?? NaN),
        rows,
      ),
  };
}
