import { expect, test } from 'vitest';
import type { Engine, Graph, RunResult } from '../../../src/engine/engine.ts';
import { FrameRuns, inParts } from '../../../src/learning/statistics/frame-runs.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { geometry, pictures } from '../small-classifier.ts';

const { weights } = closedForm(geometry, 'area');
const frames = pictures(10);

/** A graph whose runs end when the test says so; each answers the first byte of each of its frames. */
function graphByHand() {
  const waiting: { end: () => void; fail: (error: Error) => void; buffer: ArrayBuffer }[] = [];
  const run: Graph['run'] = ({ pixels }) => {
    const { data, dims } = pixels!;
    const frameBytes = data.length / dims[0]!;
    const first = Float32Array.from({ length: dims[0]! }, (_, i) => Number(data[i * frameBytes]));
    return new Promise<RunResult>((resolve, reject) => {
      const outputs = { first: { data: first, dims: [first.length] } };
      waiting.push({
        end: () => resolve({ outputs, feeds: { pixels: pixels! }, milliseconds: 0 }),
        fail: reject,
        buffer: data.buffer,
      });
    });
  };
  return { waiting, graph: { inputNames: [], outputNames: [], run, release: () => Promise.resolve() } satisfies Graph };
}

function runsOf(parallelRuns: number): FrameRuns {
  const engine = { report: { parallelRuns } as Engine['report'] };
  return new FrameRuns({ engine, geometry, batch: 2 });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const firstBytes = (indices: readonly number[]) => {
  const plane = geometry.grid.width * geometry.grid.height;
  return indices.map((index) => frames.frames[index]![2 * plane]!);
};

test('outputs come in the order of the parts, whichever run ends first, from as many runs as there may be', async () => {
  const { waiting, graph } = graphByHand();
  const parts = inParts([9, 8, 7, 6, 5, 4], 2);
  const all = runsOf(2).each(parts, { graph, frames, weights });
  await until(() => waiting.length === 2);
  waiting[1]!.end();
  await until(() => waiting.length === 3);
  expect(waiting[2]!.buffer).toBe(waiting[1]!.buffer);
  waiting[2]!.end();
  waiting[0]!.end();
  const found = (await all).map(({ first }) => [...first!.data]);
  expect(found).toEqual(parts.map(firstBytes));
  expect(waiting).toHaveLength(3);
});

test('after an error nothing is begun, and it is told when no run is under way', async () => {
  const { waiting, graph } = graphByHand();
  const all = runsOf(2).each(inParts([0, 1, 2, 3, 4, 5, 6, 7], 2), { graph, frames, weights });
  let settled = false;
  const told = all.catch((error: unknown) => (error as Error).message).finally(() => (settled = true));
  await until(() => waiting.length === 2);
  waiting[0]!.fail(new Error('out of memory'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  waiting[1]!.end();
  expect(await told).toBe('out of memory');
  expect(waiting).toHaveLength(2);
});

test('a signal ends it with its reason', async () => {
  const { graph } = graphByHand();
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(runsOf(1).each([[0, 1]], { graph, frames, weights, signal })).rejects.toThrow('stopped');
});

test('the last part has what is left', () => {
  expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(inParts([], 2)).toEqual([]);
});
