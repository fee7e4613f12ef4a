import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { median } from '../../src/domain/median.ts';
import { bayesianRegret, testFunctions } from './test-functions.ts';

/** Of keras_tuner's BayesianOptimization, by scripts/compare_bayesian.py. */
const { trials, regrets } = JSON.parse(
  readFileSync(new URL('../fixtures/keras-tuner-regrets.json', import.meta.url), 'utf8'),
) as { trials: number; regrets: Record<string, number[]> };

describe('the Bayesian search beside that of keras_tuner', () => {
  // Two of the ten functions, for time; scripts/compare-bayesian.ts has them all. Over 5 seeds ours is no worse on
  // eight; over 15 seeds it is as good on branin (0.50 both) and worse on two-sines (5e-6 against 3e-7).
  it.each(['forrester', 'gramacy-lee'])(
    'should have no more regret after 25 trials: %s',
    (name) => {
      const testFunction = testFunctions.find((candidate) => candidate.name === name)!;
      const theirs = regrets[name]!;
      const ours = theirs.map((_, index) => bayesianRegret(testFunction, index + 1, trials));
      expect(median(ours)).toBeLessThanOrEqual(median(theirs));
    },
    // With coverage, beside other work, several times what it takes.
    180_000,
  );
});
