import { UsageError } from '../domain/errors.ts';
import { ashaOracle, type AshaOptions } from './asha.ts';
import { bayesianOracle, type BayesianOptions } from './bayesian.ts';
import { hyperbandOracle, type HyperbandOptions } from './hyperband.ts';
import type { Oracle, OracleSettings } from './oracle.ts';
import { randomOracle } from './random.ts';
import { checkSpace } from './space.ts';

/** An algorithm and what can be set about it. */
export type OracleChoice =
  | { readonly algorithm: 'random' }
  | ({ readonly algorithm: 'hyperband' } & HyperbandOptions)
  | ({ readonly algorithm: 'bayesian' } & BayesianOptions)
  | ({ readonly algorithm: 'asha' } & AshaOptions);

/**
 * The oracle of an algorithm.
 *
 * Throws `UsageError` for a space, seed, number of trials or of epochs, factor or list of rungs
 * that cannot be.
 */
export function createOracle(chosen: OracleChoice, settings: OracleSettings): Oracle {
  checkSpace(settings.space);
  atLeast('seed', settings.seed, 1);
  atLeast('number of epochs', settings.epochs, 1);
  if (settings.maxTrials !== null) atLeast('number of trials', settings.maxTrials, 1);
  switch (chosen.algorithm) {
    case 'random':
      return randomOracle(settings);
    case 'hyperband':
      atLeast('Hyperband factor', chosen.factor ?? 3, 2);
      atLeast('number of Hyperband iterations', chosen.iterations ?? 1, 1);
      return hyperbandOracle(settings, chosen);
    case 'bayesian':
      atLeast('number of initial trials', chosen.initialTrials ?? 1, 1);
      return bayesianOracle(settings, chosen);
    case 'asha':
      atLeast('reduction factor', chosen.reductionFactor ?? 2, 2);
      checkRungs(chosen.rungs, settings.epochs);
      return ashaOracle(settings, chosen);
  }
}

function atLeast(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new UsageError(`The ${what} must be an integer from ${least} on, got ${value}.`);
}

function checkRungs(rungs: readonly number[] | undefined, epochs: number): void {
  if (rungs === undefined) return;
  const rising = rungs.every((rung, index) => Number.isInteger(rung) && rung > (rungs[index - 1] ?? 0));
  if (rising && rungs.at(-1) === epochs) return;
  throw new UsageError(`The rungs must rise from 1 or more to the ${epochs} epochs, got ${rungs.join(', ')}.`);
}
