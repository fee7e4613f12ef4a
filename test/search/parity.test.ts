import { describe, expect, it } from 'vitest';
import { createOracle } from '../../src/search/create-oracle.ts';
import { bracketCount, roundEpochs, roundSize } from '../../src/search/hyperband.ts';
import { pythonRandom } from '../../src/search/mersenne-twister.ts';
import type { OracleSettings } from '../../src/search/oracle.ts';
import { probToValue, valueToProb } from '../../src/search/probability.ts';
import { float } from '../../src/search/space.ts';
import { valuesHash } from '../../src/search/values-hash.ts';
import { drive, expectClose, fromKeras, kerasTuner, rates, spaceOf } from './support.ts';

const settings = (over: Partial<OracleSettings>): OracleSettings => ({
  space: [rates],
  direction: 'max',
  seed: 1,
  maxTrials: 100,
  epochs: 5,
  ...over,
});

describe("keras_tuner's own figures", () => {
  it('should give the random numbers of CPython', () => {
    for (const { seed, values } of kerasTuner.mersenne) {
      const source = pythonRandom(seed);
      expect(values.map(() => source.random())).toEqual(values);
    }
    expect(pythonRandom(42).random()).toBe(0.6394267984578837);
    expect(() => pythonRandom(0.5)).toThrow(RangeError);
  });

  it.each(kerasTuner.conversions)('should turn positions into values and back: $hyperparameter.config.name', (row) => {
    const parameter = fromKeras(row.hyperparameter);
    row.probs.forEach((prob, index) => {
      const value = row.values[index]!;
      expectClose({ value: probToValue(parameter, prob) }, { value });
      expect(valueToProb(parameter, value)).toBeCloseTo(row.back[index]!, 12);
    });
  });

  it.each(kerasTuner.random)('should draw the same random trials: $space, seed $seed', (row) => {
    const space = spaceOf(row.space);
    const { trials, end } = drive(
      createOracle({ algorithm: 'random' }, settings({ space, seed: row.seed })),
      () => 0.5,
      8,
    );
    // Where keras_tuner stops with combinations untried, ours goes on after the same trials.
    row.trials.forEach((values, index) => expectClose(trials[index]!.values, values));
    if (row.space === 'rates') expect([trials.length, end]).toEqual([4, 'space exhausted']);
    if (row.hashes.length > 0 && row.trials.length === trials.length && row.space === 'rates') {
      expect(trials.map(({ values }) => valuesHash(space, values)).toSorted()).toEqual(row.hashes);
    }
  });

  it('should name combinations of every type as keras_tuner does', () => {
    // Log-uniform floats may differ in their last bit, and with it in their hash.
    for (const row of kerasTuner.random.filter(({ space }) => space === 'unit' || space === 'mixed')) {
      const hashes = row.trials.map((values) => valuesHash(spaceOf(row.space), values));
      expect(hashes.toSorted()).toEqual(row.hashes);
    }
  });

  it.each(kerasTuner.hyperband.runs)('should plan the brackets of Hyperband for $max_epochs epochs', (run) => {
    const count = bracketCount(run.max_epochs, 3);
    const brackets = Array.from({ length: count }, (_, index) => count - 1 - index).map((bracket) =>
      Array.from({ length: bracket + 1 }, (_, round) => [
        roundSize(run.max_epochs, 3, bracket, round),
        roundEpochs(run.max_epochs, 3, bracket, round),
      ]),
    );
    expect(brackets).toEqual(run.brackets);
  });

  it.each(kerasTuner.hyperband.runs)('should run and promote as Hyperband does for $max_epochs epochs', (run) => {
    const over = { space: [float('wide', 0, 1000)], seed: 7, maxTrials: null, epochs: run.max_epochs };
    const oracle = createOracle({ algorithm: 'hyperband' }, settings(over));
    const { trials, end, epochs } = drive(oracle, ({ values }) => (Number(values['wide']) * 7.3) % 11);
    expect([trials.length, epochs, end]).toEqual([run.count, run.epochs, 'finished']);
    const rows = trials.map((t) => [t.id, t.stage?.bracket, t.stage?.round, t.initialEpoch, t.epochs, t.parent]);
    if (run.trials.length > 0) expect(rows).toEqual(run.trials);
  });

  it('should stop a Hyperband whose space is small, when asked to do as keras_tuner', () => {
    const over = { seed: 42, maxTrials: null };
    const oracle = createOracle({ algorithm: 'hyperband', smallSpace: 'stop' }, settings(over));
    const { trials, end } = drive(oracle, ({ values }) => Number(values['learning_rate']));
    expect(end).toBe('space exhausted');
    expect(trials.map(({ values }) => values['learning_rate'])).toEqual(
      kerasTuner.hyperband.small.trials.map((values) => values['learning_rate']),
    );
  });

  it.each(kerasTuner.bayesian)('should start a Bayesian search with the same trials: $space, seed $seed', (row) => {
    const oracle = createOracle({ algorithm: 'bayesian' }, settings({ space: spaceOf(row.space), seed: row.seed }));
    const { trials } = drive(oracle, () => 0.5, row.trials.length);
    row.trials.forEach((values, index) => expectClose(trials[index]!.values, values));
    expect(trials.length).toBe(row.trials.length);
  });
});
