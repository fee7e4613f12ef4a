import { readFileSync } from 'node:fs';
import type { Oracle, OracleState, OracleTrial } from '../../src/search/oracle.ts';
import { trialById } from '../../src/search/oracle.ts';
import { choice, float } from '../../src/search/space.ts';
import type { Hyperparameter, NumericOptions, Sampling, Space, Value, Values } from '../../src/search/space.ts';

interface KerasHyperparameter {
  readonly class_name: string;
  readonly config: {
    readonly name: string;
    readonly values?: Value[];
    readonly value?: Value;
    readonly min_value?: number;
    readonly max_value?: number;
    readonly step?: number | null;
    readonly sampling?: Sampling;
  };
}

interface Fixtures {
  readonly spaces: Record<string, KerasHyperparameter[]>;
  readonly mersenne: { seed: number; values: number[] }[];
  readonly random: { space: string; seed: number; end: string; trials: Values[]; hashes: string[] }[];
  readonly conversions: { hyperparameter: KerasHyperparameter; probs: number[]; values: Value[]; back: number[] }[];
  readonly hyperband: {
    runs: {
      max_epochs: number;
      brackets: [number, number][][];
      end: string;
      count: number;
      epochs: number;
      trials: [string, number, number, number, number, string | null][];
    }[];
    small: { end: string; trials: Values[] };
  };
  readonly bayesian: { space: string; seed: number; trials: Values[]; end: string }[];
  readonly gaussianProcess: {
    x: number[][];
    y: number[];
    points: number[][];
    mean: number[];
    std: number[];
    lengthScale: number;
    logMarginalLikelihood: number;
    thetas: number[];
    likelihoods: number[];
    gradients: number[];
  }[];
}

/** What the real keras_tuner did; written by test/fixtures/make-keras-tuner-fixtures.py. */
export const kerasTuner = JSON.parse(
  readFileSync(new URL('../fixtures/keras-tuner.json', import.meta.url), 'utf8'),
) as Fixtures;

/** An integer between `min` and `max`, both included. */
export function int(name: string, min: number, max: number, options: NumericOptions = {}): Hyperparameter {
  const sampling = options.sampling ?? 'linear';
  return { kind: 'int', name, min, max, step: options.step ?? (sampling === 'linear' ? 1 : null), sampling };
}

export function boolean(name: string): Hyperparameter {
  return { kind: 'boolean', name };
}

export function fixed(name: string, value: Value): Hyperparameter {
  return { kind: 'fixed', name, value };
}

export function fromKeras({ class_name, config }: KerasHyperparameter): Hyperparameter {
  const { name, values = [], value = '', min_value = 0, max_value = 0, step = null, sampling = 'linear' } = config;
  switch (class_name) {
    case 'Choice':
      return choice(name, values);
    case 'Float':
      return float(name, min_value, max_value, { step, sampling });
    case 'Int':
      return int(name, min_value, max_value, { step, sampling });
    case 'Boolean':
      return boolean(name);
    default:
      return fixed(name, value);
  }
}

export function spaceOf(name: string): Space {
  return kerasTuner.spaces[name]!.map(fromKeras);
}

export const rates = choice('learning_rate', [1e-2, 1e-3, 1e-4, 1e-5]);

export interface Driven {
  readonly trials: readonly OracleTrial[];
  readonly end: string;
  readonly state: OracleState;
  /** Epochs trained over all runs of all trials. */
  readonly epochs: number;
}

/** Runs an oracle to its end, one trial at a time, with made-up scores. */
export function drive(oracle: Oracle, score: (trial: OracleTrial) => number | null, limit = 10_000): Driven {
  let state = oracle.init();
  let epochs = 0;
  for (let started = 0; started < limit; started++) {
    const decision = oracle.next(state);
    // Through JSON, as a resumed search would.
    state = JSON.parse(JSON.stringify(decision.state)) as OracleState;
    if (decision.kind !== 'run') {
      return { trials: state.trials, end: decision.kind === 'stop' ? decision.reason : 'wait', state, epochs };
    }
    const trial = trialById(state, decision.trialId);
    epochs += trial.epochs - trial.initialEpoch;
    const value = score(trial);
    state = oracle.report(
      state,
      trial.id,
      value === null ? { status: 'FAILED' } : { status: 'COMPLETED', score: value },
    );
  }
  return { trials: state.trials, end: 'limit', state, epochs };
}

export function expectClose(actual: Values, expected: Values): void {
  if (JSON.stringify(Object.keys(actual)) !== JSON.stringify(Object.keys(expected))) {
    throw new Error(`Got ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}.`);
  }
  for (const [name, value] of Object.entries(expected)) {
    const got = actual[name];
    // C's pow and V8's may differ in the last bit.
    const same = typeof value === 'number' ? Math.abs(Number(got) - value) <= 1e-12 * Math.abs(value) : got === value;
    if (!same) throw new Error(`${name}: got ${String(got)}, expected ${String(value)}.`);
  }
}
