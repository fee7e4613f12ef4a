/** Bayesian optimisation: a Gaussian process says where the next trial promises most. */
import { fitGaussianProcess, type GaussianProcess } from './gaussian-process.ts';
import { pythonRandom, type RandomSource } from './mersenne-twister.ts';
import { minimizeBounded } from './minimize-bounded.ts';
import type { Decision, Oracle, OracleSettings, OracleState, OracleTrial } from './oracle.ts';
import { reported, triedHashes, trialId } from './oracle.ts';
import { probToValue, valueToProb } from './probability.ts';
import { startRandom } from './random.ts';
import { untriedCombinations } from './sampling.ts';
import type { Hyperparameter, Values } from './space.ts';
import { valuesHash } from './values-hash.ts';

export interface BayesianOptions {
  /** Random trials before the first proposed one; by default three per hyperparameter. */
  readonly initialTrials?: number;
  /** Variance of the objective's noise, in units of its own variance. */
  readonly alpha?: number;
  /** Weight of the uncertainty against the expectation: larger explores more. */
  readonly beta?: number;
}

/** Finite spaces up to this size are weighed combination by combination. */
const enumerable = 2000;
const acquisitionStarts = 50;

/**
 * Keras Tuner's `BayesianOptimization`: the same first random trials, then the combination with
 * the least `μ − β σ` (scores negated when maximising); a running trial counts as `μ + σ`.
 *
 * Unlike Keras Tuner it never proposes a combination twice (keras-team/keras-tuner#227, #608):
 * a finite space is weighed combination by combination, elsewhere the next best of the local
 * minima is taken. And the last trial, after which nothing can be made of what is explored, is the
 * one of the least `μ`.
 */
export function bayesianOracle(settings: OracleSettings, options: BayesianOptions = {}): Oracle {
  const initial = options.initialTrials ?? Math.max(3 * settings.space.length, 3);
  return {
    algorithm: 'bayesian',
    init: () => ({ seedState: settings.seed, trials: [] }),
    next(state) {
      const completed = state.trials.filter(({ status }) => status === 'COMPLETED').length;
      if (completed < initial || settings.maxTrials === state.trials.length) return startRandom(settings, state);
      const values = proposed(settings, options, state);
      // Without an untried proposal the random draw decides whether the space is used up.
      return values === null ? startRandom(settings, state) : started(settings, state, values);
    },
    report: reported,
  };
}

function started(settings: OracleSettings, state: OracleState, values: Values): Decision<OracleState> {
  const id = trialId(state, settings.maxTrials);
  const { epochs } = settings;
  const trial = { id, values, initialEpoch: 0, epochs, parent: null, status: 'RUNNING', score: null } as const;
  return { kind: 'run', trialId: id, state: { ...state, trials: [...state.trials, trial] } };
}

function proposed(settings: OracleSettings, options: BayesianOptions, state: OracleState): Values | null {
  const random = pythonRandom(settings.seed + state.trials.length);
  const tunable = settings.space.filter(({ kind }) => kind !== 'fixed');
  const process = fitted(settings, options, state, tunable, random);
  const last = state.trials.length + 1 === settings.maxTrials;
  const beta = last ? 0 : (options.beta ?? 2.6);
  const acquisition = (x: readonly number[]) => {
    const { mean, std, meanGradient, stdGradient } = process.predict(x);
    return { value: mean - beta * std, gradient: meanGradient.map((g, i) => g - beta * (stdGradient[i] ?? 0)) };
  };
  const tried = triedHashes(settings.space, state);
  const listed = [...untriedCombinations(settings.space, tried, enumerable)];
  if (listed.length > 0) {
    return least(listed, (values) => acquisition(toVector(tunable, values)).value);
  }
  const bounds = tunable.map(() => [0, 1] as const);
  const minima = Array.from({ length: acquisitionStarts }, () =>
    minimizeBounded(
      acquisition,
      tunable.map(() => random.random()),
      bounds,
    ),
  ).toSorted((a, b) => a.value - b.value);
  const combinations = minima.map(({ x }) => toValues(settings, tunable, x));
  return combinations.find((values) => !tried.has(valuesHash(settings.space, values))) ?? null;
}

/** The process of the completed trials, then of the running ones at their pessimistic guess. */
function fitted(
  { direction }: OracleSettings,
  { alpha = 1e-4 }: BayesianOptions,
  { trials }: OracleState,
  tunable: readonly Hyperparameter[],
  random: RandomSource,
): GaussianProcess {
  const sign = direction === 'max' ? -1 : 1;
  const completed = trials.filter(({ status }) => status === 'COMPLETED');
  const running = trials.filter(({ status }) => status === 'RUNNING').map((trial) => position(tunable, trial));
  const x = completed.map((trial) => position(tunable, trial));
  const y = completed.map(({ score }) => sign * (score ?? 0));
  const process = fitGaussianProcess(x, y, { alpha, random });
  if (running.length === 0) return process;
  const guesses = running.map((point) => {
    const { mean, std } = process.predict(point);
    return mean + std;
  });
  return fitGaussianProcess([...x, ...running], [...y, ...guesses], { alpha, random });
}

function position(tunable: readonly Hyperparameter[], { values }: OracleTrial): number[] {
  return toVector(tunable, values);
}

function toVector(tunable: readonly Hyperparameter[], values: Values): number[] {
  return tunable.map((parameter) => valueToProb(parameter, values[parameter.name] ?? false));
}

function toValues({ space }: OracleSettings, tunable: readonly Hyperparameter[], x: readonly number[]): Values {
  const entries = space.map((parameter) => {
    const index = tunable.indexOf(parameter);
    return [parameter.name, probToValue(parameter, index < 0 ? 0 : (x[index] ?? 0))] as const;
  });
  return Object.fromEntries(entries);
}

function least<T>(items: readonly T[], cost: (item: T) => number): T | null {
  let best: T | null = null;
  let lowest = Infinity;
  for (const item of items) {
    const value = cost(item);
    if (value < lowest) [best, lowest] = [item, value];
  }
  return best;
}
