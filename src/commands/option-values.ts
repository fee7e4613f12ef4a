/** Numbers and durations on the command line. */
import { UsageError } from '../domain/errors.ts';

/** Parser of an option's integer from `least` on. */
export function integerFrom(least: number, name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${name} must be an integer from ${least} on, it was "${text}"`);
  };
}

/** Parser of an option's number between two, both excluded. */
export function numberBetween(low: number, high: number, name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > low && value < high) return value;
    throw new UsageError(`${name} must be a number above ${low} and below ${high}, it was "${text}"`);
  };
}

const unitSeconds = { s: 1, m: 60, h: 3600 } as const;

/** `90s`, `10m`, `1.5h`, or a bare number of seconds. */
export function parseDuration(text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(text) ?? [];
  const seconds = Number(number) * unitSeconds[unit as keyof typeof unitSeconds];
  if (number !== '' && seconds > 0) return seconds;
  throw new UsageError(`a time must be a number above 0 with s, m or h behind it, such as 10m, it was "${text}"`);
}
