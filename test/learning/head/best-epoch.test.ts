import { describe, expect, it } from 'vitest';
import { bestEpoch, type CourseOptions } from '../../../src/learning/head/best-epoch.ts';
import type { NetworkEpoch } from '../../../src/learning/head/fit-network.ts';

const state = { epoch: 0, parameters: [], optimizer: { count: 0, mean: [], square: [] } };
const epochOf = (epoch: number, loss: number): NetworkEpoch => {
  const figures = { loss, accuracy: 0 };
  return { epoch, training: figures, validation: figures, state };
};

/** A training with these validation losses, a second for each epoch. */
function training(
  losses: readonly number[],
  { from = 0, ...changed }: Partial<CourseOptions> & { from?: number } = {},
) {
  let seconds = 0;
  async function* epochs() {
    for (const [i, loss] of losses.entries()) {
      seconds++;
      yield await Promise.resolve(epochOf(from + i, loss));
    }
  }
  const clock = { now: () => 1000 * seconds } as CourseOptions['clock'];
  return { epochs: epochs(), options: { epochs: 9, patience: 3, clock, ...changed }, trained: () => seconds };
}

describe('bestEpoch', () => {
  it.each([
    ['early', [3, 1, 2, 2, 2, 0], {}, 5, 1],
    ['epochs', [3, 1, 2, 0], { epochs: 3 }, 3, 1],
    ['budget', [3, 2, 1, 0], { budgetSeconds: 2 }, 2, 1],
    ['budget', [3, 2], { budgetSeconds: 0 }, 1, 0],
    ['epochs', [NaN, 2, NaN], { epochs: 3 }, 3, 1],
  ] as const)('should end with %s: %j', async (stopped, losses, changed, trained, best) => {
    const one = training(losses, changed);
    const course = await bestEpoch(one.epochs, one.options);
    expect([course.stopped, one.trained(), course.best.epoch]).toEqual([stopped, trained, best]);
  });

  it('should keep what was before where no epoch is better, and train no more where that had ended', async () => {
    const before = { epochs: [], best: epochOf(-1, 0.5) };
    const worse = training([0.6, 0.5, 0.7, 0.1]);
    const course = await bestEpoch(worse.epochs, worse.options, before);
    expect([course.stopped, course.best.epoch, course.epochs.length]).toEqual(['early', -1, 3]);
    const again = training([0.1], { from: 3 });
    expect(await bestEpoch(again.epochs, again.options, course)).toEqual(course);
    expect(again.trained()).toBe(0);
    const late = training([0.1], { budgetSeconds: 0 });
    expect((await bestEpoch(late.epochs, late.options, before)).stopped).toBe('budget');
    expect(late.trained()).toBe(0);
  });
});
