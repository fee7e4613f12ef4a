import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { defaults } from '../../../src/config/defaults.ts';
import { DeviceCheck } from '../../../src/daemon/device/device-check.ts';
import { Devices, type StreamLease } from '../../../src/daemon/device/devices.ts';
import { Happenings } from '../../../src/domain/happenings.ts';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import { loadBundle, type Bundle } from '../../../src/model/bundle.ts';
import { bundleGeometry } from '../../../src/model/bundle-geometry.ts';
import {
  countingEngine,
  writeSmallBundle,
  type CountingEngine,
  type SmallBundle,
} from '../../support/small-bundles.ts';

const models = mkdtempSync(join(tmpdir(), 'edge-cls-devices-'));
afterAll(() => rmSync(models, { recursive: true, force: true }));

let engine: CountingEngine;
let devices: Devices;
beforeEach(() => {
  engine = countingEngine();
  devices = new Devices(engine, { batch: () => defaults.batch, happenings: new Happenings() });
});

const written = (name: string, bundle: SmallBundle = {}): Promise<Bundle> => {
  writeSmallBundle(models, name, bundle);
  return loadBundle(name, [models]);
};
const plan = (bundle: Bundle, width = 8, name = 'door') => ({
  name,
  bundle,
  choice: bundleGeometry(bundle.card, { width, height: 8 }, 'native'),
});
const commit = async (...bundles: Bundle[]) => (await devices.candidate(bundles)).commit();
const inUse = async () => {
  const names: string[] = [];
  await devices.eachInUse(({ bundle }) => Promise.resolve(void names.push(bundle.card.title)));
  return names;
};
/** Releases are not waited for. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
/** A front end loads its graph with the first frame of an adapter. */
const runs = async ({ frontEnd }: StreamLease, value = 0.01) => {
  const { grid } = frontEnd.geometry;
  const weights = (fill: number) => (length: number) => new Float32Array(length).fill(fill);
  const some = weights(value);
  const adapter = { conv1Weight: some(441), conv1Bias: some(3), conv2Weight: some(81), conv2Bias: some(3) };
  await frontEnd.run(new Uint8Array(3 * grid.width * grid.height), adapter);
};

describe('a candidate', () => {
  test('is loaded beside what is in use, and what it replaces is released', async () => {
    await commit(await written('a', { title: 'first' }));
    const candidate = await devices.candidate([await written('a', { title: 'second', factor: 2 })]);
    expect({ open: engine.open, inUse: await inUse() }).toEqual({ open: 2, inUse: ['first'] });
    candidate.commit();
    await settled();
    expect({ open: engine.open, inUse: await inUse() }).toEqual({ open: 1, inUse: ['second'] });
  });

  test('that is not committed leaves nothing behind', async () => {
    const kept = await written('a', { title: 'kept' });
    await commit(kept);
    const candidate = await devices.candidate([kept, await written('b', { factor: 3 })]);
    await candidate[Symbol.asyncDispose]();
    await candidate[Symbol.asyncDispose]();
    expect({ open: engine.open, inUse: await inUse() }).toEqual({ open: 1, inUse: ['kept'] });
    expect(() => candidate.commit()).toThrow(/committed or disposed of/);
  });

  test('with a graph that cannot be loaded is refused in one sentence; nothing is kept, and mended it is taken', async () => {
    await commit(await written('a'));
    const good = await written('b', { factor: 2 });
    const bad = await written('c', { operator: 'Nonsense' });
    for (let attempt = 0; attempt < 2; attempt++) {
      const refusal = await devices.candidate([good, bad]).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ConfigurationError);
      expect((refusal as Error).message).toMatch(
        /^the classifier c must load on cpu, it does not \(.*Nonsense.*copy the bundle again$/s,
      );
      expect(engine.open).toBe(1);
    }
    await commit(good, await written('c', { factor: 4 }));
    await settled();
    expect(engine.open).toBe(2);
  });

  test('loads nothing that is in use already, and something for another card of the same graph', async () => {
    await commit(await written('a'));
    await commit(await written('a'));
    expect(engine.loads).toBe(1);
    await commit(await written('a', { title: 'another' }));
    await settled();
    expect(engine).toMatchObject({ loads: 2, open: 1 });
  });
});

describe('what a stream has', () => {
  test('stays until the stream gives it back, however often that is replaced meanwhile', async () => {
    const old = await written('a', { title: 'old' });
    await commit(old);
    const [ending, other] = [await devices.lease(plan(old)), await devices.lease(plan(old))];
    await commit(await written('a', { title: 'new', factor: 2 }));
    await settled();
    expect({ open: engine.open, inUse: await inUse() }).toEqual({ open: 2, inUse: ['new', 'old'] });
    await runs(ending);
    await ending[Symbol.asyncDispose]();
    await ending[Symbol.asyncDispose]();
    expect(await inUse()).toEqual(['new', 'old']);
    await expect(other.classifier.session.classify([new Float32Array(12)])).resolves.toBeDefined();
    await other[Symbol.asyncDispose]();
    // Its front end stays for the stream's next connection.
    expect({ open: engine.open, inUse: await inUse() }).toEqual({ open: 2, inUse: ['new'] });
  });

  test('is a graph for each geometry and adapter, which stays for the next connection until the next commit', async () => {
    const bundle = await written('a');
    await commit(bundle);
    const plans = [plan(bundle), plan(bundle, 8, 'yard'), plan(bundle, 16, 'gate')];
    const [first, second, wide] = await Promise.all(plans.map((each) => devices.lease(each)));
    // Equal values in other arrays: the closed form of each stream.
    for (const lease of [first!, second!, wide!]) await runs(lease);
    expect(engine).toMatchObject({ open: 3, loads: 3 });
    await first![Symbol.asyncDispose]();
    await second![Symbol.asyncDispose]();
    expect(engine.open).toBe(3);
    const again = await devices.lease(plan(bundle));
    await runs(again);
    expect(engine).toMatchObject({ open: 3, loads: 3 });
    await again[Symbol.asyncDispose]();
    await commit(bundle);
    await settled();
    // The wide one is in use still.
    expect(engine.open).toBe(2);
    await wide![Symbol.asyncDispose]();
    expect(engine).toMatchObject({ open: 1, loads: 3 });
  });

  test('is one graph after however many swaps, and stays where another stream has the adapter still', async () => {
    const bundle = await written('a');
    await commit(bundle);
    const [door, yard] = [await devices.lease(plan(bundle)), await devices.lease(plan(bundle, 8, 'yard'))];
    await runs(yard, 0.01);
    for (const value of [0.01, 0.02, 0.03, 0.01, 0.02]) await runs(door, value);
    await settled();
    // The classifier, and a front end for each of the two adapters in use.
    expect(engine).toMatchObject({ open: 3, loads: 5 });
    await runs(yard, 0.02);
    await settled();
    expect(engine).toMatchObject({ open: 2, loads: 5 });
    await door[Symbol.asyncDispose]();
    await yard[Symbol.asyncDispose]();
    expect(engine.open).toBe(2);
  });

  test('is not released while it is looked at', async () => {
    const old = await written('a', { title: 'old' });
    await commit(old);
    let looks = 0;
    await devices.eachInUse(async ({ session }) => {
      await commit(await written('a', { title: 'new', factor: 2 }));
      await settled();
      await session.classify([new Float32Array(12)]);
      looks++;
    });
    expect({ looks, open: engine.open }).toEqual({ looks: 1, open: 1 });
  });

  test('is all released at the end, also what was not given back, and whatever fails', async () => {
    const [a, b] = [await written('a'), await written('b', { factor: 2 })];
    await commit(a, b);
    const lease = await devices.lease(plan(a));
    await runs(lease);
    const [{ session } = fail()] = (await devices.candidate([b])).classifiers;
    session[Symbol.asyncDispose] = () => Promise.reject(new Error('cannot be released'));
    await expect(devices[Symbol.asyncDispose]()).rejects.toThrow('cannot be released');
    expect(engine.open).toBe(1);
    await lease[Symbol.asyncDispose]();
    expect(engine.open).toBe(1);
  });
});

describe('the golden test', () => {
  test('refuses a classifier that answers otherwise, and asks each once', async () => {
    const check = new DeviceCheck(devices);
    const good = await written('a');
    const candidate = await devices.candidate([good]);
    await check.verify(candidate);
    candidate.commit();
    expect(check.verified).toBe(true);
    const bad = await devices.candidate([good, await written('a', { golden: 7 })]);
    await expect(check.verify(bad)).rejects.toThrow(
      /the golden test of a must agree to 0.001, but differs by 0.143 on this device: choose another device/,
    );
    await bad[Symbol.asyncDispose]();
    engine.broken = new Error('asked again');
    await check.verify({ classifiers: candidate.classifiers });
  });

  test('as a heartbeat asks those in use; a good one resets the failures before, the third in a row is too much', async () => {
    const check = new DeviceCheck(devices);
    await commit(await written('a'));
    await check.beat();
    const broken = new Error('the device is gone');
    for (let round = 0; round < 2; round++) {
      engine.broken = broken;
      await check.beat();
      await check.beat();
      expect(check.trouble).toBe('The device does not work: the device is gone');
      engine.broken = undefined;
      await check.beat();
      expect(check.trouble).toBeUndefined();
    }
    expect(check.heartbeats).toBe(3);
    engine.broken = broken;
    await check.beat();
    await check.beat();
    await expect(check.beat()).rejects.toThrow('the device is gone');
    expect(check.heartbeats).toBe(3);
  });
});

function fail(): never {
  throw new Error('there is none');
}
