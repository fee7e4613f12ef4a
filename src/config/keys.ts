/** The keys of the configuration, as the schema has them. */
import { z } from 'zod';
import { keyFacts, type KeyFacts } from './fields.ts';
import { configSchema } from './schema.ts';
import type { Path } from './tree.ts';

export interface ConfigKey extends KeyFacts {
  readonly path: Path;
  /** What a value must be. */
  readonly range: string;
}

/** All keys that are not sections, in the order of the schema; the keys of a list's elements are not among them. */
export function configKeys(schema: z.ZodType = configSchema, path: Path = []): ConfigKey[] {
  const facts = keyFacts.get(schema);
  if (facts) return [{ ...facts, path, range: rangeOf(schema) }];
  if (!(schema instanceof z.ZodObject)) throw new Error(`the key ${path.join('.')} must be marked, but it is not`);
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).flatMap(([key, inner]) =>
    configKeys(inner, [...path, key]),
  );
}

/** The schema says it of a value that can never be right. */
function rangeOf(schema: z.ZodType): string {
  const message = schema.safeParse(Symbol('wrong')).error?.issues[0]?.message ?? '';
  return message.replace(/^must be /, '');
}
