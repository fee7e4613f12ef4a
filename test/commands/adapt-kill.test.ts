/** `adapt` killed with SIGKILL; EDGE_CLS_KILLS says how often (npm run test:kill: 50). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { readFitRecord } from '../../src/learning/fit/fit-record.ts';
import { seededRandom } from '../../src/learning/random.ts';
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { bundleGeometry } from '../../src/model/bundle-geometry.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { makeDarkPictures } from '../support/noisy-pictures.ts';
import { temporaryDirectory } from '../support/videos.ts';

const kills = Number(process.env['EDGE_CLS_KILLS'] ?? 3);
const directory = temporaryDirectory();
afterAll(directory.remove);
const folder = join(directory.path, 'pictures');
const { card } = await loadBundle('inception-v3-cats-dogs');
const { geometry } = bundleGeometry(card, { width: 300, height: 300 }, 'staged');
const target = { stream: null, bundleDigest: card.model.digest, geometryKey: geometryKey(geometry) };

beforeAll(() => makeDarkPictures(folder, 60, 64));

const main = join(import.meta.dirname, '../../src/main.ts');

function adapt(state: string) {
  const options = [
    '--bundle',
    'inception-v3-cats-dogs',
    '--resolution',
    '300x300',
    '--frames',
    '60',
    '--epochs',
    '4',
    '--batch',
    '16',
    '--budget',
    '10m',
    '--force',
  ];
  const argv = ['--import', 'tsx', main, 'adapt', folder, ...options, '--device', 'cpu', '--state', state];
  return spawn(process.execPath, argv, { stdio: 'ignore' });
}

/** A store in which a front end is in use already. */
async function storeIn(state: string): Promise<{ store: AdapterStore; good: string }> {
  const store = new AdapterStore(state, systemClock);
  const weights = closedForm(geometry, card.resize.kernel).weights;
  const { id } = await store.add({ weights, bundleDigest: card.model.digest, geometry, provenance: { good: true } });
  await store.activate(target, id, 'good');
  return { store, good: id };
}

/** Digests of all candidates of the one finished fit. */
async function candidates(state: string) {
  const [fit = ''] = readdirSync(join(state, 'fits'));
  return (await readFitRecord(join(state, 'fits', fit))).candidates.map(({ name, weights }) => [name, weights]);
}

test(`killed ${kills} times: the good front end stays in use, and the end is that of a fit left alone`, async () => {
  const alone = join(directory.path, 'alone');
  const { store: undisturbed } = await storeIn(alone);
  const startedAt = performance.now();
  expect(await once(adapt(alone), 'close')).toEqual([0, null]);
  const whole = performance.now() - startedAt;
  const expected = (await undisturbed.active(target)).stored;

  const state = join(directory.path, 'killed');
  const { store, good } = await storeIn(state);
  const { uniform } = seededRandom(2);
  for (let kill = 0; kill < kills; kill++) {
    const child = adapt(state);
    const ended = once(child, 'close');
    const timer = setTimeout(() => child.kill('SIGKILL'), (0.2 + 0.7 * uniform()) * whole);
    await ended;
    clearTimeout(timer);
    const { stored, damaged } = await store.active(target);
    expect(damaged).toEqual([]);
    if (stored?.id === good) continue;
    // It had got as far as to adopt: the next kill is of another fit, from the good one again.
    expect(stored?.adapter.weights).toEqual(expected?.adapter.weights);
    await store.activate(target, good, 'again');
  }
  if ((await store.active(target)).stored?.id === good) expect(await once(adapt(state), 'close')).toEqual([0, null]);
  expect((await store.active(target)).stored?.adapter.weights).toEqual(expected?.adapter.weights);
  expect(await candidates(state)).toEqual(await candidates(alone));
}, 1_800_000);
