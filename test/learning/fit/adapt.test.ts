import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrameSet } from '../../../src/learning/data/frame-set.ts';
import { adapt, type AdaptOptions, type AdaptProgress } from '../../../src/learning/fit/adapt.ts';
import { FitDirectory } from '../../../src/learning/fit/fit-directory.ts';
import { weightsDigest } from '../../../src/learning/fit/fit-record.ts';
import { Observer } from '../../../src/learning/statistics/observe.ts';
import { seededRandom } from '../../../src/learning/random.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import type { Card } from '../../../src/model/card.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../small-classifier.ts';

const engine = inlineEngine();
const directory = temporaryDirectory();
const { weights: reference } = closedForm(geometry, 'area');
const binary = smallCard(['no', 'yes'], 'binary');
const modelPath = join(directory.path, 'model.onnx');
let card: Card;

/** A classifier whose training was these pictures: half of them are on either side, with confidence. */
beforeAll(async () => {
  const frames = pictures(120);
  const indices = frames.frames.map((_, i) => i);
  const look = async (options: { bias?: number; scale?: number }) => {
    const classifier = smallClassifier(1, options);
    await using observer = await Observer.load(engine, { classifier, card: binary, geometry, batch: 16, logits: true });
    return { classifier, ...(await observer.observe(frames, indices, reference)) };
  };
  const logits = (await look({})).logits.map(([z]) => z!).toSorted((a, b) => a - b);
  const scale = 8 / (logits[100]! - logits[20]!);
  const { classifier, statistics } = await look({ scale, bias: -scale * logits[60]! });
  writeFileSync(modelPath, encodeModel(classifier));
  card = { ...binary, statistics: { images: 120, ...statistics } as Card['statistics'] };
});
afterAll(() => directory.remove());

/** Frames that the function changes, pixel by pixel. */
function changed(frames: ReturnType<typeof pictures>, change: (value: number, frame: number) => number): FrameSet {
  const read = (index: number, into?: Uint8Array<ArrayBuffer>) => {
    const pixels = frames.frames[index]!.map((value) =>
      Math.round(255 * Math.min(1, Math.max(0, change(value / 255, index)))),
    );
    into?.set(pixels);
    return Promise.resolve(into ?? pixels);
  };
  return { ...frames, read };
}

const haze = (value: number) => 0.3 * value + 0.6;

let fits = 0;

const few = {
  ...{ steps: 12, batch: 8, learningRate: { conv1: 1e-3, conv2: 2e-3 }, warmUp: 2, clipNorm: 10, pull: 0, seed: 1 },
};

async function adapted(frames: FrameSet, changes: Partial<AdaptOptions> = {}) {
  const path = join(directory.path, `fit-${fits++}`);
  return adapt({
    ...{ engine, geometry, frames, reference, previous: reference, stages: ['align'], force: false },
    bundle: { directory: directory.path, card, modelPath },
    target: card.statistics,
    targetKind: 'card',
    settings: few,
    budgetSeconds: 1e6,
    clock: { now: () => performance.now() },
    directory: await FitDirectory.open(path, 'key'),
    ...changes,
  });
}

describe('a camera that is damaged', () => {
  test('gets a front end that undoes haze', async () => {
    const outcome = await adapted(changed(pictures(90, 2), haze));
    expect(outcome.before.distance).toBeGreaterThan(0.5);
    expect(outcome.adopted?.evidence.distance).toBeLessThan(0.1);
  });

  test('is taught on undamaged pictures, through which it is simulated, where there are some', async () => {
    const { candidates, stages } = await adapted(changed(pictures(90, 2), haze), {
      stages: ['restore'],
      photographs: () => Promise.resolve(pictures(20, 3)),
    });
    expect(stages.map(({ stage }) => stage)).toEqual(['restore']);
    expect(candidates.at(-1)).toMatchObject({ name: expect.stringMatching(/ \+ restore$/) as string });
    expect(candidates.at(-1)!.evidence.distance).toBeLessThan(0.1);
  });

  /** Each frame has its own noise, however often it is read. */
  function withNoise(sigma: number) {
    const { normal } = seededRandom(4);
    const seen = pictures(90, 2);
    const noisy = (value: number) => Math.min(255, Math.max(0, value + sigma * normal()));
    return { ...seen, frames: seen.frames.map((pixels) => pixels.map(noisy)) };
  }
  const otherContrast = /contrast [.\d]+$/;

  test('is neither tried at other contrasts nor taught on pictures where there is no noise to undo, nor taught where alignment has brought the statistics home', async () => {
    const ran = async (damaged: FrameSet) => {
      const photographs = () => Promise.resolve(pictures(20, 3));
      // Steps that go nowhere: the statistics after alignment are those of the frames.
      const settings = { ...few, learningRate: { conv1: 1e-9, conv2: 1e-9 } };
      const options = { stages: ['align', 'restore'] as const, photographs, settings, init: reference, force: true };
      const { stages, candidates } = await adapted(damaged, options);
      return [...stages.map(({ stage }) => stage), candidates.filter(({ name }) => otherContrast.test(name)).length];
    };
    expect(await ran(changed(withNoise(60), haze))).toEqual(['align', 'restore', 6]);
    expect(await ran(changed(pictures(90, 2), haze))).toEqual(['align', 0]);
    expect(await ran(changed(withNoise(20), (value) => value))).toEqual(['align', 3]);
  });

  test('is judged by the statistics of the contrast at which they come nearest', async () => {
    const { candidates } = await adapted(changed(withNoise(60), haze));
    const fitted = candidates.filter(({ name }) => name.includes('align'));
    expect(fitted).toHaveLength(4);
    const distances = fitted.map(({ evidence }) => evidence.distance);
    expect(Math.max(...distances)).toBeGreaterThan(1.2 * Math.min(...distances));
    for (const { verdict } of fitted) expect(verdict.reason).toContain(` to ${Math.min(...distances).toFixed(3)}`);
  });

  test('keeps its own where frames are labelled at random', async () => {
    const labels = Int32Array.from({ length: 90 }, (_, i) => ((i * 7919) % 13) % 2);
    const frames = { ...changed(pictures(90, 2), haze), labels };
    const { adopted, reason } = await adapted(frames, { targetKind: 'labels', stages: ['align', 'labels'] });
    expect(adopted).toBeUndefined();
    expect(reason).toMatch(/labels do not fit|worse/);
  });

  test('keeps its own where a learning rate of 1 spoils every candidate', async () => {
    const settings = {
      steps: 12,
      batch: 8,
      learningRate: { conv1: 1, conv2: 1 },
      warmUp: 0,
      clipNorm: 10,
      pull: 0,
      seed: 1,
    };
    const { adopted, candidates } = await adapted(changed(pictures(90, 2), haze), { settings, init: reference });
    expect(adopted).toBeUndefined();
    expect(candidates.map(({ verdict }) => verdict.adopted)).not.toContain(true);
  });
});

describe('frames that teach nothing', () => {
  test.each([
    ['undamaged', pictures(90, 2), /nothing to gain/],
    ['black', changed(pictures(90, 2), () => 0), /show nothing/],
    [
      'a lens cap half the time',
      changed(pictures(90, 2), (value, frame) => (Math.floor(frame / 9) % 2 ? value : 0.01)),
      /show nothing/,
    ],
    ['20 of them', changed(pictures(20, 2), haze), /at least 50 frames/],
    [
      'one picture again and again',
      changed({ ...pictures(90), frames: pictures(90).frames.map((_, __, all) => all[3]!) }, haze),
      /one scene/,
    ],
  ])('%s: the old front end stays', async (_, frames, reason) => {
    const outcome = await adapted(frames);
    expect(outcome.adopted).toBeUndefined();
    expect(outcome.reason).toMatch(reason);
  });
});

test('a fit that is cut off goes on to the same candidates, and its history has each step once', async () => {
  const frames = changed(pictures(90, 2), haze);
  const digests = ({ candidates }: Awaited<ReturnType<typeof adapted>>) =>
    candidates.map(({ name, weights }) => [name, weightsDigest(weights)]);
  const whole = await adapted(frames);
  const path = join(directory.path, 'cut off');
  const stop = new AbortController();
  const onProgress = ({ what, done }: AdaptProgress) => {
    if (what === 'align' && done === 11) stop.abort(new Error('killed'));
  };
  const first = adapted(frames, { directory: await FitDirectory.open(path, 'key'), signal: stop.signal, onProgress });
  await expect(first).rejects.toThrow('killed');
  const again = await FitDirectory.open(path, 'key');
  expect(digests(await adapted(frames, { directory: again }))).toEqual(digests(whole));
  expect(again.history.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
});
