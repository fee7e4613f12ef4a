/** What may be searched: named hyperparameters, as Keras Tuner has them. */
import { UsageError } from '../domain/errors.ts';

export type Value = number | string | boolean;

/** Values by the name of their hyperparameter. */
export type Values = Readonly<Record<string, Value>>;

/** One of a list; every entry is equally likely. Entries are all of one type. */
export interface Choice {
  readonly kind: 'choice';
  readonly name: string;
  readonly values: readonly Value[];
}

/** How a position in [0, 1) becomes a number: evenly, or evenly in the logarithm. */
export type Sampling = 'linear' | 'log' | 'reverse_log';

/**
 * A number between `min` and `max`, both included. With `step` only min + k·step (linear) or
 * min · step^k (log) are taken.
 */
export interface Numeric {
  readonly kind: 'float' | 'int';
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step: number | null;
  readonly sampling: Sampling;
}

export interface BooleanParameter {
  readonly kind: 'boolean';
  readonly name: string;
}

/** A value that is not searched but belongs to every trial. */
export interface Fixed {
  readonly kind: 'fixed';
  readonly name: string;
  readonly value: Value;
}

export type Hyperparameter = Choice | Numeric | BooleanParameter | Fixed;

/** Hyperparameters in the order in which they are drawn. */
export type Space = readonly Hyperparameter[];

export interface NumericOptions {
  readonly step?: number | null;
  readonly sampling?: Sampling;
}

export function choice(name: string, values: readonly Value[]): Choice {
  if (values.length === 0) fail(name, 'must have at least one value', 'none');
  if (new Set(values.map((value) => typeof value)).size > 1) {
    fail(name, 'must have values of one type', JSON.stringify(values));
  }
  if (new Set(values).size < values.length) fail(name, 'must have distinct values', JSON.stringify(values));
  return { kind: 'choice', name, values };
}

/** A real number between `min` and `max`; `{ sampling: 'log' }` is the log-uniform distribution. */
export function float(name: string, min: number, max: number, options: NumericOptions = {}): Numeric {
  return checked({ kind: 'float', name, min, max, step: options.step ?? null, sampling: options.sampling ?? 'linear' });
}

/** Throws `UsageError` when two hyperparameters share a name or there are none. */
export function checkSpace(space: Space): void {
  if (space.length === 0) throw new UsageError('The search space must have at least one hyperparameter, got none.');
  const names = space.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) fail(repeated, 'must be in the search space once', 'two of them');
}

function checked(parameter: Numeric): Numeric {
  const { name, min, max, step, sampling } = parameter;
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    fail(name, 'must have finite bounds, the lower one first', `${min} and ${max}`);
  }
  if (sampling !== 'linear' && min <= 0) fail(name, `must be above 0 for ${sampling} sampling`, String(min));
  const least = sampling === 'linear' ? 0 : 1;
  if (step !== null && !(step > least)) fail(name, `must have a step above ${least}`, String(step));
  return parameter;
}

function fail(name: string, must: string, got: string): never {
  throw new UsageError(`The hyperparameter "${name}" ${must}, got ${got}.`);
}
