/** Hyperparameters as positions in the unit interval, with Keras Tuner's rounding. */
import type { Hyperparameter, Numeric, Space, Value, Values } from './space.ts';

/** `floor(p · n)`, kept below n. `probability`: [0, 1]. */
function bucket(probability: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(probability / (1 / count))));
}

function bucketCentre(index: number, count: number): number {
  return (index + 0.5) * (1 / count);
}

/** The value at a position. `probability`: [0, 1]. */
export function probToValue(parameter: Hyperparameter, probability: number): Value {
  switch (parameter.kind) {
    case 'choice':
      return parameter.values[bucket(probability, parameter.values.length)] ?? false;
    case 'boolean':
      return probability >= 0.5;
    case 'fixed':
      return parameter.value;
    case 'float':
      return parameter.step === null
        ? continuous(parameter, probability, parameter.max)
        : valueAt(parameter, bucket(probability, stepCount(parameter)));
    case 'int':
      return parameter.step === null
        ? // The bound is one more, so that the maximum is drawn too; 1 itself would overshoot.
          Math.min(parameter.max, Math.trunc(continuous(parameter, probability, parameter.max + 1)))
        : Math.trunc(valueAt(parameter, bucket(probability, stepCount(parameter))));
  }
}

/** The position of a value, in [0, 1]: the centre of its bucket where values are discrete. */
export function valueToProb(parameter: Hyperparameter, value: Value): number {
  switch (parameter.kind) {
    case 'choice':
      return bucketCentre(parameter.values.indexOf(value), parameter.values.length);
    case 'boolean':
      return value === true ? 0.75 : 0.25;
    case 'fixed':
      return 0.5;
    case 'float':
    case 'int':
      return numberToProb(parameter, Number(value));
  }
}

/** How many different values there are; `Infinity` for a float without a step. */
export function valueCount(parameter: Hyperparameter): number {
  switch (parameter.kind) {
    case 'choice':
      return parameter.values.length;
    case 'boolean':
      return 2;
    case 'fixed':
      return 1;
    case 'float':
      return parameter.step === null ? (parameter.min === parameter.max ? 1 : Infinity) : stepCount(parameter);
    case 'int':
      return parameter.step === null ? parameter.max - parameter.min + 1 : stepCount(parameter);
  }
}

/** How many combinations a space holds, the figure to weigh a number of trials against. */
export function spaceSize(space: Space): number {
  return space.reduce((product, parameter) => product * valueCount(parameter), 1);
}

/** The combination at an index in [0, `spaceSize`), the last hyperparameter turning fastest. */
export function combinationAt(space: Space, index: number): Values {
  const values: Record<string, Value> = {};
  let rest = index;
  for (const parameter of space.toReversed()) {
    const count = valueCount(parameter);
    values[parameter.name] = valueAtIndex(parameter, rest % count);
    rest = Math.floor(rest / count);
  }
  return Object.fromEntries(space.map(({ name }) => [name, values[name] ?? false]));
}

function valueAtIndex(parameter: Hyperparameter, index: number): Value {
  if (parameter.kind === 'int' && parameter.step === null) return parameter.min + index;
  return probToValue(parameter, bucketCentre(index, valueCount(parameter)));
}

function continuous({ min, sampling }: Numeric, probability: number, max: number): number {
  switch (sampling) {
    case 'linear':
      return probability * (max - min) + min;
    case 'log':
      return min * (max / min) ** probability;
    case 'reverse_log':
      return max + min - min * (max / min) ** (1 - probability);
  }
}

function numberToProb(parameter: Numeric, value: number): number {
  if (parameter.step !== null) return bucketCentre(stepIndex(parameter, value, parameter.step), stepCount(parameter));
  return parameter.kind === 'int'
    ? continuousToProb(parameter, value + 0.5, parameter.max + 1)
    : continuousToProb(parameter, value, parameter.max);
}

function continuousToProb({ min, sampling }: Numeric, value: number, max: number): number {
  if (max === min) return 0.5;
  switch (sampling) {
    case 'linear':
      return (value - min) / (max - min);
    case 'log':
      return Math.log(value / min) / Math.log(max / min);
    case 'reverse_log':
      return 1 - Math.log((max + min - value) / min) / Math.log(max / min);
  }
}

function stepCount({ min, max, step, sampling }: Numeric): number {
  if (step === null) return Infinity;
  return sampling === 'linear'
    ? Math.trunc(floorDivide(max - min, step) + 1)
    : Math.trunc(Math.log(max / min) / Math.log(step) + 1e-8) + 1;
}

function valueAt({ min, max, step, sampling }: Numeric, index: number): number {
  const by = step ?? 1;
  switch (sampling) {
    case 'linear':
      return min + index * by;
    case 'log':
      return min * by ** index;
    case 'reverse_log':
      return max + min - min * by ** index;
  }
}

function stepIndex({ min, max, sampling }: Numeric, value: number, step: number): number {
  switch (sampling) {
    case 'linear':
      return floorDivide(value - min, step);
    case 'log':
      return Math.log(value / min) / Math.log(step);
    case 'reverse_log':
      return Math.log((max - value + min) / min) / Math.log(step);
  }
}

/** Python's `//` on floats: from the exact remainder, so 1 // 0.2 is 4 although 1 / 0.2 is 5. */
function floorDivide(dividend: number, divisor: number): number {
  const remainder = dividend % divisor;
  const quotient = (dividend - remainder) / divisor - (remainder !== 0 && remainder < 0 !== divisor < 0 ? 1 : 0);
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}
