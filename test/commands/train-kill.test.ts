/** `train` killed with SIGKILL; EDGE_CLS_KILLS says how often (npm run test:kill: 50). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/learning/random.ts';
import { makeNoisyPicture } from '../support/noisy-pictures.ts';
import { temporaryDirectory } from '../support/videos.ts';

const kills = Number(process.env['EDGE_CLS_KILLS'] ?? 3);
const directory = temporaryDirectory();
afterAll(directory.remove);
const folder = join(directory.path, 'pictures');

beforeAll(async () => {
  const random = seededRandom(1);
  const { uniform } = random;
  for (const [label, red] of [
    ['day', 180],
    ['night', 60],
  ] as const) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let i = 0; i < 40; i++) {
      const background = { r: red, g: 160 * uniform(), b: 160 * uniform() };
      await makeNoisyPicture(join(folder, label, `${i}.png`), 48, background, { sigma: 20, random });
    }
  }
});

const main = join(import.meta.dirname, '../../src/main.ts');

/** Trains in a directory of its own: the child. */
function train(where: string, more: readonly string[]) {
  const options = ['--output', where, '--cache', join(where, 'cache'), '--device', 'cpu', ...more];
  const argv = ['--import', 'tsx', main, 'train', folder, ...options];
  return spawn(process.execPath, argv, { stdio: 'ignore', env: { ...process.env, XDG_STATE_HOME: where } });
}

const bundleIn = (where: string) => join(where, 'pictures');
const cardIn = (where: string) => readFileSync(join(bundleIn(where), 'card.json'), 'utf8');

test.each([
  ['a head', 'head', ['--epochs', '30']],
  ['the last convolutions, too', 'tail', ['--epochs', '8', '--fine-tune', '1']],
])(
  `killed ${kills} times: there is no half bundle, and the end is that of a training left alone: %s`,
  async (_, of, more) => {
    const alone = join(directory.path, `alone-${of}`);
    const startedAt = performance.now();
    expect(await once(train(alone, more), 'close')).toEqual([0, null]);
    const whole = performance.now() - startedAt;
    expect(cardIn(alone).includes('fine-tuned')).toBe(of === 'tail');

    const killed = join(directory.path, `killed-${of}`);
    const random = seededRandom(2);
    for (let kill = 0; kill < kills; kill++) {
      const child = train(killed, more);
      const ended = once(child, 'close');
      const timer = setTimeout(() => child.kill('SIGKILL'), (0.2 + 0.8 * random.uniform()) * whole);
      await ended;
      clearTimeout(timer);
      if (!existsSync(join(bundleIn(killed), 'card.json'))) continue;
      // It had got to its end: the next kill is of another training, from the beginning.
      expect(cardIn(killed)).toBe(cardIn(alone));
      rmSync(killed, { recursive: true });
    }
    if (!existsSync(join(bundleIn(killed), 'card.json')))
      expect(await once(train(killed, more), 'close')).toEqual([0, null]);
    expect(cardIn(killed)).toBe(cardIn(alone));
  },
  1_800_000,
);
