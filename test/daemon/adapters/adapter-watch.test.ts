/** A stream's adapters watched with the real engine and the real store, a frame every so often; time is moved by hand. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdapterWatch } from '../../../src/daemon/adapters/adapter-watch.ts';
import { StreamAdapters } from '../../../src/daemon/adapters/stream-adapters.ts';
import { closedFormAdapter, type PlannedAdapter, type StreamPlan } from '../../../src/daemon/stream/stream-plan.ts';
import { Happenings } from '../../../src/domain/happenings.ts';
import { baselinePath, readBaseline } from '../../../src/learning/baseline/baseline.ts';
import { StreamTrials } from '../../../src/learning/watch/stream-trials.ts';
import type { AdapterWeights } from '../../../src/model/adapter.ts';
import { AdapterStore } from '../../../src/model/adapter-store.ts';
import type { Bundle } from '../../../src/model/bundle.ts';
import { geometryKey } from '../../../src/model/geometry.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../../learning/small-classifier.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
const state = directory.path;
const modelPath = join(state, 'model.onnx');
const card = smallCard(['a', 'b', 'c'], 'softmax');
const bundle = { card, modelPath } as Bundle;
const plan = {
  name: 'door',
  config: { name: 'door', adapt: 'when_missing', adapter: null },
  bundle,
  choice: { geometry },
} as StreamPlan;
const target = { stream: 'door', bundleDigest: card.model.digest, geometryKey: geometryKey(geometry) };
const reference = closedFormAdapter(bundle, geometry);
const sampleSeconds = 60;
const frames = 20;
const { frames: material } = pictures(60);

/** The closed form times a number: nearly equal, or dark. */
const dimmed = (by: number): AdapterWeights => ({
  ...reference.weights,
  conv2Weight: reference.weights.conv2Weight.map((value) => by * value),
});

describe('AdapterWatch', () => {
  let now = 0;
  let calm = true;
  let told: unknown[][] = [];
  const clock = { now: () => now, date: () => new Date(now) };
  const store = new AdapterStore(state, clock);
  const trials = new StreamTrials(inlineEngine(), state, clock);
  const happenings = new Happenings();
  happenings.subscribe((happening) => told.push(Object.values(happening)));
  const adapters = new StreamAdapters(store, happenings);
  const stream = {
    adapter: reference as PlannedAdapter | undefined,
    useAdapter: (adapter: PlannedAdapter, result: string) => {
      stream.adapter = adapter;
      told.push(['uses', adapter.id, result]);
    },
  };
  let watch: AdapterWatch;

  beforeAll(() => writeFileSync(modelPath, encodeModel(smallClassifier(3))));
  afterAll(async () => {
    await trials[Symbol.asyncDispose]();
    directory.remove();
  });

  const begin = () => {
    told = [];
    watch = new AdapterWatch({ trials, adapters, happenings, clock, calm: () => calm, sampleSeconds, frames });
  };
  /** So many frames of the stream, a minute between two. */
  const play = async (count: number, own = plan) => {
    for (let i = 0; i < count; i++) {
      const pixels = material[i % material.length]?.slice() ?? new Uint8Array();
      watch.frame({ stream: own.name, pixels } as Parameters<AdapterWatch['frame']>[0], own, stream);
      // The frame goes on its way at once, and its pixels with it.
      pixels.fill(0);
      await watch[Symbol.asyncDispose]();
      now += 1000 * sampleSeconds;
    }
  };
  const offer = async (by: number) => {
    const provenance = { by };
    const { id } = await store.add({ weights: dimmed(by), bundleDigest: card.model.digest, geometry, provenance });
    await store.note(target, 'offer', id, 'adapt: helps');
    return id;
  };
  const journal = async () => (await store.journal()).map(({ action, adapter }) => [action, adapter]);
  const baseline = () => readBaseline(baselinePath(state, 'door', { bundleDigest: card.model.digest, geometry }));

  test('does not look at a stream that is never fitted, while frames are late, or more often than it may', async () => {
    begin();
    await play(2, { ...plan, config: { ...plan.config, adapt: 'never' } });
    calm = false;
    await play(70);
    calm = true;
    for (let i = 0; i < 70; i++) {
      await play(1);
      now -= 1000 * sampleSeconds;
    }
    expect(await baseline()).toBeUndefined();
  });

  test('records the baseline of an hour, in numbers', async () => {
    begin();
    await play(59);
    expect(await baseline()).toBeUndefined();
    await play(1);
    expect(await baseline()).toMatchObject({ frames: 60, recorded_at: expect.any(String) as string });
    expect(told).toEqual([]);
  });

  test('a fit that does no harm is in use after its frames in shadow, not before', async () => {
    const id = await offer(0.99);
    begin();
    await play(frames - 1);
    expect([stream.adapter?.id, (await store.active(target)).stored]).toEqual(['closed_form', undefined]);
    await play(1);
    expect(told).toEqual([['uses', id, 'applied']]);
    expect((await store.active(target)).stored?.id).toBe(id);
    expect(await journal()).toEqual([
      ['offer', id],
      ['activate', id],
    ]);
  });

  test('a fit that does harm is rejected, and the good one stays', async () => {
    const good = stream.adapter?.id;
    const bad = await offer(0.05);
    begin();
    await play(frames);
    expect(told.slice(0, 1)).toEqual([['adapter_swapped', 'door', 'rejected']]);
    expect((await store.active(target)).stored?.id).toBe(good);
    expect((await journal()).at(-1)).toEqual(['reject', bad]);
    expect(stream.adapter?.id).toBe(good);
    // It is not tried again: what is in use is looked at instead.
    await play(frames);
    expect(told.at(-1)).toEqual(['adapter_agreement', 'door', 1]);
    expect(stream.adapter?.id).toBe(good);
  });

  test('one in use that does harm is rolled back to the last good one', async () => {
    const good = stream.adapter?.id;
    const { id } = await store.add({
      weights: dimmed(0.05),
      bundleDigest: card.model.digest,
      geometry,
      provenance: {},
    });
    await store.activate(target, id, 'by hand');
    stream.adapter = await adapters.choose(plan.config, bundle, geometry);
    begin();
    await play(frames);
    expect(told).toContainEqual(['uses', good, 'rolled_back']);
    expect((await journal()).at(-1)).toEqual(['rollback', good]);
  });

  test('one that all streams have is taken from this stream alone', async () => {
    const yard = { ...plan, name: 'yard', config: { ...plan.config, name: 'yard' } };
    const { id } = await store.add({
      weights: dimmed(0.05),
      bundleDigest: card.model.digest,
      geometry,
      provenance: {},
    });
    await store.activate({ ...target, stream: null }, id, 'by hand');
    const withdrawn = await adapters.withdraw(yard, 'harm');
    expect(withdrawn.id).toBe('closed_form');
    expect((await store.active({ ...target, stream: 'gate' })).stored?.id).toBe(id);
  });

  test('what fails is told, and not tried again with every frame', async () => {
    stream.adapter = reference;
    let tries = 0;
    const failing = { compare: fails, baseline: fails };
    function fails(): Promise<never> {
      tries++;
      return Promise.reject(new Error('no memory'));
    }
    const yard = { ...plan, name: 'yard', config: { ...plan.config, name: 'yard' } };
    told = [];
    watch = new AdapterWatch({ trials: failing, adapters, happenings, clock, calm: () => calm, sampleSeconds, frames });
    await play(frames, yard);
    expect(tries).toBe(1);
    expect(told).toEqual([['fault', 'yard', new Error('no memory')]]);
    await play(2, yard);
    expect(tries).toBe(2);
  });

  test('what was seen of an adapter counts for no other that came meanwhile', async () => {
    stream.adapter = reference;
    let [looks, saved] = [0, 0];
    const look = () => {
      if (++looks === 60) stream.adapter = { ...reference, id: 'another' };
      return Promise.resolve();
    };
    const save = () => {
      saved++;
      return Promise.resolve(undefined);
    };
    const swapped = { compare: () => Promise.reject(new Error()), baseline: () => Promise.resolve({ look, save }) };
    const shed = { ...plan, name: 'shed', config: { ...plan.config, name: 'shed' } };
    watch = new AdapterWatch({ trials: swapped, adapters, happenings, clock, calm: () => calm, sampleSeconds, frames });
    await play(60, shed);
    expect([looks, saved]).toEqual([60, 0]);
  });

  test('a fit is asked for once: not where one is active, was offered or was refused', async () => {
    const named = (name: string) => ({
      ...plan,
      name,
      bundle: { ...bundle, card: { ...card, model: { ...card.model, digest: name } } },
    });
    const [fresh, refused] = [named('fresh'), named('refused')];
    await store.note({ ...target, stream: 'refused', bundleDigest: 'refused' }, 'reject', null, 'adapt: one scene');
    expect(await adapters.wantsFit(fresh)).toBe(true);
    expect(await adapters.wantsFit({ ...fresh, config: { ...fresh.config, adapt: 'never' } })).toBe(false);
    expect([await adapters.wantsFit(refused), await adapters.wantsFit(plan)]).toEqual([false, false]);
  });
});
