import { createHash } from 'node:crypto';
import { floatRepr } from './python-text.ts';
import type { Hyperparameter, Space, Value, Values } from './space.ts';

/** Whether Python holds the numbers of a hyperparameter as floats. */
export function isFloat(parameter: Hyperparameter | undefined): boolean {
  switch (parameter?.kind) {
    case 'float':
      return true;
    case 'choice':
      return parameter.values.some((value) => typeof value === 'number' && !Number.isInteger(value));
    case 'fixed':
      return typeof parameter.value === 'number' && !Number.isInteger(parameter.value);
    case 'int':
    case 'boolean':
    case undefined:
      return false;
  }
}

/**
 * The name of a combination, the same as Keras Tuner's: the first 32 hexadecimal digits of
 * SHA-256 over `name=value` of every value, sorted by name and joined.
 */
export function valuesHash(space: Space, values: Values): string {
  const kinds = new Map(space.map((parameter) => [parameter.name, parameter]));
  const text = Object.keys(values)
    .toSorted()
    .map((name) => `${name}=${pythonText(values[name] ?? '', isFloat(kinds.get(name)))}`)
    .join('');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function pythonText(value: Value, float: boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' && (float || !Number.isInteger(value))) return floatRepr(value);
  return String(value);
}
