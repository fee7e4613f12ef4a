import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/learning/random.ts';
import { makeNoisyPicture } from '../support/noisy-pictures.ts';
import { sharedData } from '../support/shared.ts';
import { temporaryDirectory } from '../support/videos.ts';
import { captured } from './capture.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const folder = join(directory.path, 'pictures');

/** Eight pictures of nothing, four "cats" and four "dogs". */
beforeAll(async () => {
  const random = seededRandom(1);
  for (const [i, label] of ['cats', 'dogs'].entries()) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let j = 0; j < 4; j++) {
      const background = { r: 60 * j, g: 90 + 100 * i, b: 20 };
      await makeNoisyPicture(join(folder, label, `${j}.png`), 60, background, { sigma: 60, random });
    }
  }
});

interface Output {
  native: string;
  rows: {
    corruption?: { name: string; severity: number };
    adapters: {
      name: string;
      evaluation: {
        frames: number;
        labelled: { accuracy: { value: number } };
        reference?: { agreement: { value: number; low: number }; kl: number };
      };
    }[];
    comparison?: { labelled: { difference: { value: number } } };
  }[];
}

const catsAndDogs = ['--bundle', 'inception-v3-cats-dogs', '--device', 'cpu'];

const evaluate = async (...argv: string[]) =>
  JSON.parse((await captured('evaluate', ...argv, ...catsAndDogs, '--json')).stdout) as Output;

describe('made-up pictures', () => {
  test('the closed form agrees with the independent resize; noise has a row of its own', async () => {
    const { rows, native } = await evaluate(
      folder,
      '--resolution',
      '300x300',
      '--corruption',
      'gaussian_noise:1,tint:2',
    );
    expect(native).toBe('300x300');
    expect(rows.map(({ corruption }) => corruption?.name)).toEqual(['gaussian_noise', 'tint']);
    for (const { adapters } of rows) {
      expect(adapters[0]?.evaluation.frames).toBe(8);
      expect(adapters[0]?.evaluation.reference?.agreement.value).toBe(1);
      expect(adapters[0]?.evaluation.reference?.kl).toBeLessThan(1e-3);
    }
  });

  test('two adapters beside each other; without a resolution pictures have no reference', async () => {
    const { rows } = await evaluate(folder, '--compare', 'closed-form', 'random', '--limit', '4');
    expect(rows[0]?.adapters.map(({ name }) => name)).toEqual(['closed-form', 'random']);
    expect(rows[0]?.adapters[0]?.evaluation.reference).toBeUndefined();
    expect(rows[0]?.comparison?.labelled.difference).toBeDefined();
    const text = await captured('evaluate', folder, '--limit', '4', ...catsAndDogs);
    expect(text.stdout).toMatch(/accuracy +\d+\.\d\d % \(95 %: .*of 4 frames/);
    expect(text.stdout).toContain('agreement          needs --resolution');
  });

  test.each([
    [['--adapter', 'nowhere'], /an adapter must be closed-form, random or a file, but there is no nowhere/],
    [['--compare', 'random'], /--compare must have two adapters .* it has 1/],
    [['--corruption', 'rain:3'], /a corruption must be name:severity/],
    [['--limit', '0'], /--limit must be an integer from 1 on/],
  ])('%j is refused', async (argv, message) => {
    const { exitCode, stderr } = await captured('evaluate', folder, ...argv, '--device', 'cpu');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

const photographs = sharedData('cats-dogs/test');
describe.skipIf(photographs === undefined)('photographs beside the checkout (skipped where they are absent)', () => {
  test('the closed form at 720p: as accurate as the card says, and as the reference path', async () => {
    const { rows } = await evaluate(photographs ?? '', '--resolution', '720p', '--limit', '24');
    const { evaluation } = rows[0]!.adapters[0]!;
    expect(evaluation.labelled.accuracy.value).toBeGreaterThan(0.85);
    expect(evaluation.reference?.agreement.value).toBe(1);
  });
});
