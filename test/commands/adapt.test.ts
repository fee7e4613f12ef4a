import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFitRecord, type FitRecord } from '../../src/learning/fit/fit-record.ts';
import { seededRandom } from '../../src/learning/random.ts';
import { temporaryDirectory } from '../support/videos.ts';
import { captured } from './capture.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const folder = join(directory.path, 'pictures');

/** Dark and noisy: there is something to fit, though nothing to see. */
beforeAll(async () => {
  mkdirSync(folder);
  const { uniform } = seededRandom(1);
  for (let i = 0; i < 54; i++) {
    const [r, g, b] = [60 * uniform(), 60 * uniform(), 60 * uniform()];
    const noise = { type: 'gaussian', mean: 30, sigma: 10 + 20 * uniform() } as const;
    await sharp({ create: { width: 32, height: 32, channels: 3, background: { r, g, b }, noise } })
      .png()
      .toFile(join(folder, `${i}.png`));
  }
});

let states = 0;

type Summary = FitRecord & { readonly reason: string; readonly adapter: string | null; readonly directory: string };

async function adapted(...options: string[]): Promise<Summary> {
  const state = join(directory.path, `state-${states++}`);
  const common = ['--resolution', '300x300', '--device', 'cpu', '--state', state, '--json', '--batch', '8'];
  const { exitCode, stdout, stderr } = await captured('adapt', folder, ...common, ...options);
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
  const again = await adapted('--epochs', '1', '--init', join(record.directory, 'adapter.safetensors'), '--force');
  expect(again.candidates[0]).toMatchObject({ name: 'start', weights: adopted?.weights });
}, 120_000);
