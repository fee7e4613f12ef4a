import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFitRecord, type FitRecord } from '../../src/learning/fit/fit-record.ts';
import { writeFittingDefault } from '../../src/learning/fitting-defaults.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { makeDarkPictures } from '../support/noisy-pictures.ts';
import { temporaryDirectory } from '../support/videos.ts';
import { captured } from './capture.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const folder = join(directory.path, 'pictures');

beforeAll(() => makeDarkPictures(folder, 54, 32));

let states = 0;

type Summary = FitRecord & { readonly reason: string; readonly adapter: string | null; readonly directory: string };

const newState = () => join(directory.path, `state-${states++}`);

function adapted(...options: string[]): Promise<Summary> {
  return adaptedTo(folder, '--state', newState(), ...options);
}

async function adaptedTo(pictures: string, ...options: string[]): Promise<Summary> {
  // Enough time for all steps, however busy the machine is.
  const common = [
    '--bundle',
    'inception-v3-cats-dogs',
    '--resolution',
    '300x300',
    '--device',
    'cpu',
    '--json',
    '--batch',
    '8',
    '--budget',
    '20m',
  ];
  const { exitCode, stdout, stderr } = await captured('adapt', pictures, ...common, ...options);
  expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Summary;
}

test('from a random start the resize of training teaches, as long as the epochs say', async () => {
  const record = await adapted('--init', 'random', '--epochs', '2', '--seed', '3', '--force');
  // Two thirds of 54 frames are fitted on: twice 36, which are 9 batches of 8.
  expect(record.stages.map(({ stage, steps }) => [stage, steps])).toEqual([['match', 9]]);
  expect(record.candidates.map(({ name }) => name)).toEqual(['start', 'start + match']);
  const losses = readFileSync(join(record.directory, 'history.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[2]));
  expect(losses).toHaveLength(9);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);

  // So short a lesson is no use: the gate is against it, and says so, but was not asked.
  expect(record.reason).toMatch(/^forced, where the gate says: /);
  expect(record.adapter).not.toBeNull();
  expect((await readFitRecord(record.directory)).request.force).toBe(true);

  const adopted = record.candidates.find(({ name }) => name === record['adopted']);
  const file = ['--epochs', '1', '--init', join(record.directory, 'adapter.safetensors')];
  const again = await adapted(...file, '--force');
  expect(again.candidates[0]).toMatchObject({ name: 'start', weights: adopted?.weights });
  const judged = await adapted(...file, '--lr', '0.0001');
  expect(judged.stages[0]?.learning_rate).toEqual({ conv1: 0.00005, conv2: 0.0001 });
  expect([judged.adapter, judged.reason]).toEqual([null, expect.not.stringMatching(/^forced/)]);
}, 600_000);

test('labels are learnt at the rate that a search found for this bundle and geometry', async () => {
  const labelled = join(directory.path, 'labelled');
  await makeDarkPictures(join(labelled, 'cats'), 27, 32);
  await makeDarkPictures(join(labelled, 'dogs'), 27, 32);
  const state = newState();
  const { card } = await loadBundle('inception-v3-cats-dogs');
  await writeFittingDefault(
    state,
    { target: 'adapter', bundleDigest: card.model.digest, variant: '300x300-1.2-1.2' },
    {
      ...{ learning_rate: 0.0003, objective: 'val_loss', score: 0.1, algorithm: 'asha', directory: '/a/search' },
      found_at: new Date(0).toISOString(),
    },
  );
  const options = ['--state', state, '--objective', 'labels', '--epochs', '1', '--force'];
  const { stages } = await adaptedTo(labelled, ...options);
  expect(stages).toMatchObject([{ stage: 'labels', learning_rate: { conv1: 0.0003, conv2: 0.0003 } }]);
}, 600_000);
