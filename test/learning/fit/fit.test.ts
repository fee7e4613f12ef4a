import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/learning/fit/checkpoint.ts';
import { DivergedError, fit, type FitSettings, type FitState, type StepRecord } from '../../../src/learning/fit/fit.ts';
import { batchAt } from '../../../src/learning/fit/order.ts';
import { framesAtOnce, StepGradient } from '../../../src/learning/fit/step-gradient.ts';
import { alignPiece } from '../../../src/learning/loss/align.ts';
import { toTensors, type AdapterWeights } from '../../../src/model/adapter.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../small-classifier.ts';

const card = smallCard(['no', 'yes'], 'binary');
const { weights: start } = closedForm(geometry, 'area');
const settings: FitSettings = {
  steps: 12,
  batch: 4,
  learningRate: { conv1: 2e-3, conv2: 4e-3 },
  warmUp: 2,
  clipNorm: 100,
  pull: 0,
  seed: 5,
};

async function parts(changes: Partial<FitSettings> = {}) {
  const pieces = [alignPiece(card.statistics.activations)];
  const options = {
    classifier: smallClassifier(1),
    card,
    geometry,
    batch: framesAtOnce(settings.batch, inlineEngine()),
  };
  const gradient = await StepGradient.load(inlineEngine(), { ...options, frames: pictures(10), pieces });
  return { gradient, indices: [0, 1, 2, 3, 4, 5, 6], settings: { ...settings, ...changes } };
}

const values = (weights: AdapterWeights) =>
  Object.values(toTensors(weights)).flatMap(({ data }) => [...data].map(Number));

test('each frame comes once before any comes again, in an order that the seed decides', () => {
  const frames = [3, 5, 8, 13, 21];
  const seen = [0, 1, 2, 3, 4].flatMap((step) => batchAt(frames, step, { batch: 3, seed: 1 }));
  for (const round of [0, 1, 2]) expect(seen.slice(5 * round, 5 * round + 5).toSorted((a, b) => a - b)).toEqual(frames);
  expect(seen.slice(0, 5)).not.toEqual(seen.slice(5, 10));
  expect(batchAt(frames, 1, { batch: 3, seed: 1 })).toEqual(seen.slice(3, 6));
  const other = [0, 1, 2, 3, 4].flatMap((step) => batchAt(frames, step, { batch: 3, seed: 2 }));
  expect(other).not.toEqual(seen);
});

test('a batch is cut into equal parts, of which at most 4 frames are under way', () => {
  const sizes = (parallelRuns: number) => {
    const { report } = inlineEngine();
    return [1, 4, 8, 12, 13, 20, 32].map((batch) => framesAtOnce(batch, { report: { ...report, parallelRuns } }));
  };
  expect(sizes(1)).toEqual([1, 4, 4, 4, 1, 4, 4]);
  expect(sizes(2)).toEqual([1, 2, 2, 2, 1, 2, 2]);
  expect(sizes(8)).toEqual([1, 1, 1, 1, 1, 1, 1]);
});

test('a fit lowers its loss, and repeats bit for bit', async () => {
  const losses: StepRecord[] = [];
  const one = await fit(await parts({ steps: 40 }), { start, onStep: (record) => void losses.push(record) });
  expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(losses.at(-1)!.loss).toBeLessThan(0.7 * losses[0]!.loss);
  const again = await fit(await parts({ steps: 40 }), { start });
  expect(values(again.weights)).toEqual(values(one.weights));
});

test('a fit that is stopped anywhere goes on from its checkpoint to the same adapter', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'checkpoint.safetensors');
  const whole = await fit(await parts(), { start });
  for (const at of [1, 6, 11]) {
    const stop = new AbortController();
    const onStep = async ({ step }: StepRecord, state: FitState) => {
      if (step !== at) return;
      await writeCheckpoint(path, 'this fit', state);
      stop.abort(new Error('killed'));
    };
    await expect(fit(await parts(), { start, signal: stop.signal, onStep })).rejects.toThrow('killed');
    const from = await readCheckpoint(path, 'this fit');
    expect(from?.step).toBe(at);
    expect(values((await fit(await parts(), { start, from })).weights)).toEqual(values(whole.weights));
  }
  expect(await readCheckpoint(path, 'another fit')).toBeUndefined();
  expect(await readCheckpoint(`${path}.not-there`, 'this fit')).toBeUndefined();
});

test('the pull holds the weights near their start', async () => {
  const distance = async (pull: number) => {
    const { weights } = await fit(await parts({ pull, steps: 30 }), { start });
    const from = values(start);
    return Math.hypot(...values(weights).map((value, i) => value - from[i]!));
  };
  expect(await distance(100)).toBeLessThan((await distance(0)) / 2);
});

test('a fit that leaves the numbers says so', async () => {
  const rates = { learningRate: { conv1: 1e39, conv2: 1e39 }, warmUp: 0, clipNorm: Infinity };
  await expect(fit(await parts(rates), { start })).rejects.toThrow(DivergedError);
});
