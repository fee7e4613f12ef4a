/**
 * Our Bayesian search beside Keras Tuner's: median regret on ten test functions.
 *
 *   KERAS_BACKEND=jax python scripts/compare_bayesian.py 5 25 > regrets.json
 *   npx tsx scripts/compare-bayesian.ts [regrets.json]
 */
import { readFileSync } from 'node:fs';
import { median } from '../src/domain/median.ts';
import { bayesianRegret, testFunctions } from '../test/search/test-functions.ts';

interface Regrets {
  readonly kerasTuner: string;
  readonly trials: number;
  readonly regrets: Record<string, number[]>;
}

const path = process.argv[2] ?? new URL('../test/fixtures/keras-tuner-regrets.json', import.meta.url);
const theirs = JSON.parse(readFileSync(path, 'utf8')) as Regrets;

const cell = (value: number | string, width: number) => String(value).padEnd(width);
const figure = (value: number) => value.toExponential(2);

console.log(`Median regret after ${String(theirs.trials)} trials`);
console.log(
  `${cell('function', 18)}${cell('edge-cls', 12)}${cell(`keras_tuner ${theirs.kerasTuner}`, 20)}no more regret than keras_tuner`,
);
for (const testFunction of testFunctions) {
  const reference = theirs.regrets[testFunction.name] ?? [];
  const ours = reference.map((_, index) => bayesianRegret(testFunction, index + 1, theirs.trials));
  const wins = ours.filter((regret, index) => regret <= (reference[index] ?? NaN)).length;
  const row = [cell(testFunction.name, 18), cell(figure(median(ours)), 12), cell(figure(median(reference)), 20)];
  console.log(`${row.join('')}ours ${String(wins)} of ${String(ours.length)}`);
}
