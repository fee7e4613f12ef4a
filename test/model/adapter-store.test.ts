import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Adapter } from '../../src/model/adapter-file.ts';
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { geometryOf, randomAdapter } from '../support/front-end.ts';

const geometry = geometryOf(150, 150, [1, 2], [1, 2], 'zero');
const bundleDigest = `sha256:${'ab'.repeat(32)}`;
const door = { stream: 'door', bundleDigest, geometryKey: geometryKey(geometry) };
const all = { ...door, stream: null };

function adapter(seed: number): Adapter {
  return { weights: randomAdapter(seed), bundleDigest, geometry, provenance: { seed } };
}

let directory: string;
let store: AdapterStore;
const date = () => new Date('2026-01-02T03:04:05Z');

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-'));
  store = new AdapterStore(directory, { date });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test('an empty store: nothing is listed, the closed form is active, nothing can be rolled back', async () => {
  expect(await store.list()).toEqual([]);
  expect(await store.active(door)).toEqual({ stored: undefined, decided: false, damaged: [] });
  await expect(store.rollback(door, 'why')).rejects.toThrow(/the stream door with 300x300-1\.2-1\.2 has none/);
});

test('activate, roll back, and again: what was active before is active', async () => {
  const [a, b] = [await store.add(adapter(1)), await store.add(adapter(2))];
  await store.activate(door, a.id, 'first');
  await store.activate(door, b.id, 'better');
  await store.activate(door, b.id, 'the same again is no step');
  expect((await store.active(door)).stored).toEqual(b);
  expect((await store.rollback(door, 'worse')).stored).toEqual(a);
  expect((await store.rollback(door, 'worse')).stored).toBeUndefined();
  await expect(store.rollback(door, 'more')).rejects.toThrow(/none/);
  await store.activate(door, b.id, 'after all');
  await store.activate(door, null, 'the closed form, for once');
  expect((await store.active(door)).stored).toBeUndefined();
  expect((await store.rollback(door, 'no')).stored).toEqual(b);
  expect((await store.journal()).map(({ action, adapter: id }) => [action, id])).toEqual([
    ['activate', a.id],
    ['activate', b.id],
    ['activate', b.id],
    ['rollback', a.id],
    ['rollback', null],
    ['activate', b.id],
    ['activate', null],
    ['rollback', b.id],
  ]);
});

test('streams, geometries and bundles do not see each other; one for all streams is the last resort', async () => {
  const [a, b] = [await store.add(adapter(1)), await store.add(adapter(2))];
  await store.activate(all, a.id, 'all');
  expect((await store.active(door)).stored?.id).toBe(a.id);
  await store.activate(door, b.id, 'own');
  expect((await store.active(door)).stored?.id).toBe(b.id);
  expect((await store.active({ ...door, stream: 'yard' })).stored?.id).toBe(a.id);
  expect((await store.active({ ...door, geometryKey: '150x150-1.1-1.1' })).stored).toBeUndefined();
  expect((await store.active({ ...door, bundleDigest: `sha256:${'00'.repeat(32)}` })).stored).toBeUndefined();
  await expect(store.activate({ ...door, geometryKey: '150x150-1.1-1.1' }, a.id, 'x')).rejects.toThrow(
    /cannot be read/,
  );
});

test('an adapter is found by the beginning of its id', async () => {
  const stored = await store.add(adapter(1));
  expect(await store.find(stored.id.slice(0, 6))).toEqual(stored);
  await store.add(adapter(2));
  await expect(store.find('')).rejects.toThrow(/must mean one adapter/);
  await expect(store.find('zz')).rejects.toThrow(/there is no adapter zz/);
  expect(await store.list()).toHaveLength(2);
});

describe('damage', () => {
  test('a flipped bit: the last good one is used, and the fault is told', async () => {
    const [a, b] = [await store.add(adapter(1)), await store.add(adapter(2))];
    await store.activate(door, a.id, 'first');
    await store.activate(door, b.id, 'second');
    const bytes = await readFile(b.path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    await writeFile(b.path, bytes);
    const { stored, damaged } = await store.active(door);
    expect(stored).toEqual(a);
    expect(damaged).toEqual([{ id: b.id, reason: expect.stringMatching(/damaged/) as string }]);
    await rm(b.path);
    expect((await store.active(door)).stored).toEqual(a);
  });

  test('a torn line of the journal, at the end or in the middle, is as if it had never been', async () => {
    const [a, b] = [await store.add(adapter(1)), await store.add(adapter(2))];
    await store.activate(door, a.id, 'first');
    const journal = join(directory, 'journal.jsonl');
    const line = await readFile(journal, 'utf8');
    await appendFile(journal, line.slice(0, 40));
    expect((await store.active(door)).stored).toEqual(a);
    await store.activate(door, b.id, 'second');
    expect((await store.active(door)).stored).toEqual(b);
    expect(await store.journal()).toHaveLength(2);
  });

  test('kill -9 while adapters are written and activated: always one of them is active, whole', async () => {
    const script = join(import.meta.dirname, '../support/activate-forever.ts');
    for (const delay of [0, 7, 23]) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await once(child, 'close');
      const { stored, damaged } = await store.active(door);
      expect(damaged).toEqual([]);
      expect(stored?.adapter.weights).toEqual(randomAdapter(Number(stored?.adapter.provenance['seed'])));
    }
  });
});
