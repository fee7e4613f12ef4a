/** Kinds of values in the configuration; each says what it must be, which is what its errors say. */
import { z } from 'zod';

const must = (what: string) => ({ error: `must be ${what}` });

export const flag = z.boolean(must('true or false'));

export function text(what: string): z.ZodString {
  return z.string(must(what)).min(1, must(what));
}

export function oneOf<const T extends readonly [string, ...string[]]>(...values: T) {
  return z.enum(values, must(values.length > 1 ? `one of ${values.join(', ')}` : values[0]));
}

export function wholeNumber(from: number, to: number) {
  const what = must(`a whole number from ${from} to ${to}`);
  return z.int(what).min(from, what).max(to, what);
}

const secondsWhat = must('seconds, from 0 to 86400');
export const seconds = z.number(secondsWhat).min(0, secondsWhat).max(86_400, secondsWhat);
export const positiveSeconds = positive(86_400, 'seconds, above 0 and at most 86400');

export function positive(to: number, what: string) {
  return z.number(must(what)).positive(must(what)).max(to, must(what));
}

export function list<T extends z.ZodType>(element: T, what: string) {
  return z.array(element, must(what));
}

export function mapping<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    // Unknown keys are worded where the known ones are at hand.
    error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'must be a mapping of keys to values'),
  });
}

/** A text that `accepts` judges; it must neither throw anything else nor keep it. */
export function parsed(what: string, accepts: (value: string) => boolean) {
  return z.string(must(what)).refine(accepts, must(what));
}
