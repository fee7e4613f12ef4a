/** Random combinations, none twice. */
import { pythonRandom } from './mersenne-twister.ts';
import { combinationAt, probToValue, spaceSize } from './probability.ts';
import type { Space, Value, Values } from './space.ts';
import { valuesHash } from './values-hash.ts';

/** Keras Tuner gives up after more repeats than this in a row. */
const maxCollisions = 20;

/** Finite spaces up to this many combinations are searched to their end. */
const enumerable = 100_000;

export interface Sample {
  /** `null`: every combination has been tried. */
  readonly values: Values | null;
  readonly seedState: number;
}

/**
 * The next untried combination, drawn as Keras Tuner draws: each hyperparameter takes the first
 * number of its own generator, seeded with the next seed state.
 *
 * Keras Tuner stops after 20 repeats in a row, with combinations still untried
 * (keras-team/keras-tuner#417, #901). Here a small space then gives the first untried one.
 */
export function sampleUntried(space: Space, seedState: number, tried: ReadonlySet<string>): Sample {
  let state = seedState;
  for (let collisions = 0; collisions <= maxCollisions; collisions++) {
    const values: Record<string, Value> = {};
    for (const parameter of space) values[parameter.name] = probToValue(parameter, pythonRandom(state++).random());
    if (!tried.has(valuesHash(space, values))) return { values, seedState: state };
  }
  return { values: firstUntried(space, tried), seedState: state };
}

/** The untried combinations of a finite space; empty for an endless or very large one. */
export function* untriedCombinations(space: Space, tried: ReadonlySet<string>, limit = enumerable): Generator<Values> {
  const size = spaceSize(space);
  if (size > limit) return;
  for (let index = 0; index < size; index++) {
    const values = combinationAt(space, index);
    if (!tried.has(valuesHash(space, values))) yield values;
  }
}

function firstUntried(space: Space, tried: ReadonlySet<string>): Values | null {
  for (const values of untriedCombinations(space, tried)) return values;
  return null;
}
