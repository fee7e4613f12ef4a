import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { toTensors } from '../../src/model/adapter.ts';
import { writeAdapter, type Adapter } from '../../src/model/adapter-file.ts';
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/model/safetensors.ts';
import { geometryOf, randomAdapter } from '../support/front-end.ts';
import { captured } from './capture.ts';

let state: string;
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'edge-cls-state-'));
});
afterAll(() => rmSync(state, { recursive: true, force: true }));

const adapter = (seed: number, width = 150): Adapter => ({
  weights: randomAdapter(seed),
  bundleDigest: `sha256:${'ab'.repeat(32)}`,
  geometry: geometryOf(width, 150, [1, 2], [1, 2], 'zero'),
  provenance: { seed },
});
const adapters = (...argv: string[]) => captured('adapters', ...argv, '--state', state);
const json = async (...argv: string[]) => JSON.parse((await adapters(...argv, '--json')).stdout) as unknown;

test('a life: nothing, import, activate, roll back, export', async () => {
  expect((await adapters('list')).stdout).toContain('there are no adapters yet; `edge-cls adapt` makes one');
  const [first, second] = [join(state, 'first.safetensors'), join(state, 'second.safetensors')];
  await writeAdapter(first, adapter(1));
  await writeAdapter(second, adapter(2));
  const { id: a } = (await json('import', first)) as { id: string };
  const { id: b } = (await json('import', second)) as { id: string };
  expect((await adapters('activate', a.slice(0, 5))).stdout).toBe(
    `${a} is active on all streams for 300x300-1.2-1.2\n`,
  );
  await adapters('activate', b, '--stream', 'door');
  expect(await json('list')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: a, active_on: ['all streams'] }),
      expect.objectContaining({ id: b, active_on: ['door'], provenance: { seed: 2 } }),
    ]),
  );
  expect((await adapters('rollback', '--stream', 'door')).stdout).toBe(`${a} is active on door for 300x300-1.2-1.2\n`);
  expect((await adapters('show', a)).stdout).toMatch(/activate +\S+ on all streams: by hand/);
  const copy = join(state, 'copy.safetensors');
  await adapters('export', a, copy);
  expect(await json('import', copy)).toMatchObject({ id: a });
});

test('mistakes are one sentence each', async () => {
  const nothing = await adapters('rollback', '--stream', 'yard');
  expect(nothing).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no active adapter on the stream yard') as string,
  });
  expect((await adapters('activate', 'zz')).stderr).toContain('there is no adapter zz');
  const store = new AdapterStore(state, systemClock);
  for (const width of [150, 140]) {
    const { id } = await store.add(adapter(7, width));
    await adapters('activate', id, '--stream', 'gate');
  }
  expect((await adapters('rollback', '--stream', 'gate')).stderr).toMatch(
    /--geometry must say which one to roll back: 300x300-1\.2-1\.2, 280x300-1\.2-1\.2/,
  );
  expect((await adapters('rollback', '--stream', 'gate', '--geometry', '280x300-1.2-1.2')).exitCode).toBe(0);
});

test('words of an adapter do not steer the terminal, in what is shown and in what is refused', async () => {
  const escapes = '\u001b]0;owned\u0007\u009b31m';
  const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
  const good = join(state, 'steering.safetensors');
  await writeAdapter(good, { ...adapter(9), provenance: { material: `a camera${escapes}` } });
  const { id } = (await json('import', good)) as { id: string };
  const shown = await adapters('show', id);
  expect(shown.stdout).toContain('a camera');
  expect(shown.stdout).not.toMatch(steering);
  const bad = join(state, 'bad.safetensors');
  const tensors = { [`weights${escapes}`]: { data: new Float32Array(3), dims: [3] } };
  writeFileSync(bad, encodeSafetensors({ tensors, metadata: {} }));
  const refused = await adapters('import', bad);
  expect(refused).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('a tensor weights') as string });
  expect(refused.stderr).not.toMatch(steering);
});

test.each([0, 3e38])('an adapter of %d everywhere is refused at import', async (value) => {
  const blind = join(state, 'blind.safetensors');
  const fill = (length: number) => new Float32Array(length).fill(value);
  const weights = { conv1Weight: fill(441), conv1Bias: fill(3), conv2Weight: fill(81), conv2Bias: fill(3) };
  const good = join(state, 'good.safetensors');
  await writeAdapter(good, adapter(11));
  const { metadata } = decodeSafetensors(readFileSync(good));
  writeFileSync(blind, encodeSafetensors({ tensors: toTensors(weights), metadata }));
  const refused = await adapters('import', blind);
  expect(refused.exitCode).toBe(78);
  expect(refused.stderr).toMatch(/the adapter \S+ cannot be used: .* must .*; fit it again\n$/);
});
