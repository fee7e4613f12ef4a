import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Observer } from '../../../src/learning/statistics/observe.ts';
import { StreamTrials } from '../../../src/learning/watch/stream-trials.ts';
import type { Bundle } from '../../../src/model/bundle.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { geometry, smallCard, smallClassifier } from '../small-classifier.ts';

const directory = temporaryDirectory();
const modelPath = join(directory.path, 'model.onnx');
const card = smallCard(['a', 'b', 'c'], 'softmax');
const { weights } = closedForm(geometry, 'area');
const options = { card, geometry, batch: 1, logits: true };

beforeAll(() => writeFileSync(modelPath, encodeModel(smallClassifier(3))));
afterAll(() => directory.remove());

/** What was loaded, and how much of it was released. */
function recordingEngine() {
  const loaded: (string | Uint8Array)[] = [];
  const released = vi.fn();
  const engine: Engine = {
    ...inlineEngine(),
    load: async (model) => {
      loaded.push(model);
      const graph = await inlineEngine().load(model);
      return { ...graph, release: () => graph.release().then(released) };
    },
  };
  return { engine, loaded, released };
}

describe('a graph that is made in a thread', () => {
  test('is the one that is made where the frames pass, byte for byte', async () => {
    const { engine, loaded } = recordingEngine();
    await using direct = await Observer.load(engine, { ...options, classifier: smallClassifier(3) });
    await using beside = await Observer.loadBeside(engine, modelPath, options);
    expect(direct).not.toBe(beside);
    expect(loaded[1]).toBeInstanceOf(Uint8Array);
    expect(loaded[1]).toEqual(loaded[0]);
  });

  test('cannot be made of a file that is not there, and the file is named', async () => {
    const path = join(directory.path, 'none.onnx');
    await expect(Observer.loadBeside(inlineEngine(), path, options)).rejects.toThrow(path);
  });
});

describe('StreamTrials', () => {
  const subject = (stream: string, digit: string) => {
    const model = { ...card.model, digest: `sha256:${digit.repeat(64)}` };
    return { stream, geometry, bundle: { card: { ...card, model }, modelPath } as Bundle };
  };

  test('keep one session for all streams of a bundle, and none for a bundle that was replaced', async () => {
    const { engine, loaded, released } = recordingEngine();
    await using trials = new StreamTrials(engine, directory.path, { date: () => new Date(0) });
    const look = (stream: string, digit: string) => trials.compare(subject(stream, digit), weights, weights);
    await look('door', '1');
    await look('yard', '1');
    expect(loaded).toHaveLength(1);
    await look('door', '2');
    expect([loaded.length, released.mock.calls.length]).toEqual([2, 0]);
    await look('yard', '2');
    expect([loaded.length, released.mock.calls.length]).toEqual([2, 1]);
  });
});
