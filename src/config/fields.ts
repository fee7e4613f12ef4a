/** Kinds of values in the configuration; each says what it must be, which is what its errors say. */
import { z } from 'zod';

/** What is told about a key beside its default (defaults.ts) and its range, which its errors tell. */
export interface KeyFacts {
  /** Sentences for a reader. */
  readonly says: string;
  readonly unit?: string;
  /** Whether a new value is taken when the configuration is read again, or at the next start. */
  readonly reload: 'taken' | 'restart';
}

export const keyFacts = z.registry<KeyFacts>();
/** What is told about a section as a whole. */
export const sectionFacts = z.registry<{ readonly says: string }>();

/** A key whose new value a reload takes. */
export function taken<T extends z.ZodType>(kind: T, says: string, unit?: string): T {
  return keyOf(kind, { says, reload: 'taken', ...(unit !== undefined && { unit }) });
}

/** A key whose new value waits for a restart. */
export function atStart<T extends z.ZodType>(kind: T, says: string, unit?: string): T {
  return keyOf(kind, { says, reload: 'restart', ...(unit !== undefined && { unit }) });
}

export function section<T extends z.ZodRawShape>(says: string, shape: T) {
  return mapping(shape).register(sectionFacts, { says });
}

function keyOf<T extends z.ZodType>(kind: T, facts: KeyFacts): T {
  const key = kind.clone();
  keyFacts.add(key, facts);
  return key;
}

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
export const positiveSeconds = between(0.001, 86_400, 'seconds, from 0.001 to 86400');

export function between(from: number, to: number, what: string) {
  return z.number(must(what)).min(from, must(what)).max(to, must(what));
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

/** Names are values of a metric's label and parts of file names. */
const nameRule = must('1 to 64 letters, digits, _, . or -, beginning with a letter or digit');
export const name = z.string(nameRule).regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,63}$/u, nameRule);

/** Refuses a list in which two of `what` have the same name, for `superRefine`. */
export function differentNames(what: string) {
  return (entries: readonly { readonly name: string }[], context: z.RefinementCtx) => {
    const seen = new Set<string>();
    entries.forEach((entry, index) => {
      if (seen.has(entry.name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `must be different for each ${what}` });
      }
      seen.add(entry.name);
    });
  };
}
