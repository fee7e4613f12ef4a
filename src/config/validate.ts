import type { z } from 'zod';
import { ConfigurationError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { redact } from '../domain/redact.ts';
import { defaults } from './defaults.ts';
import { configSchema, type Config } from './schema.ts';
import { sinkKeys } from './sink-schema.ts';
import { at, isMapping, pathText, type Mapping, type Path } from './tree.ts';

/**
 * Checks a complete configuration.
 *
 * @param origin what it was read from, for the errors
 * @throws ConfigurationError with one line per wrong key: the key, what it must be, what it was
 */
export function validated(tree: Mapping, origin: string): Config {
  const result = configSchema.safeParse(tree, { reportInput: false });
  if (result.success) return result.data;
  const lines = withoutInherited(result.error.issues).flatMap((issue) => described(issue, tree));
  throw new ConfigurationError(`${origin}: ${lines.join(`\n${origin}: `)}`);
}

/** A wrong value in `stream_defaults` is in every stream as well; it is told once. */
function withoutInherited(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const tail = (path: readonly PropertyKey[], from: number) => path.slice(from).map(String).join('.');
  const common = new Set(issues.filter(({ path }) => path[0] === 'stream_defaults').map(({ path }) => tail(path, 1)));
  return issues.filter(({ path }) => path[0] !== 'streams' || path.length < 3 || !common.has(tail(path, 2)));
}

function described(issue: z.core.$ZodIssue, tree: Mapping): string[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], tree));
  return [`${pathText(path) || 'the configuration'} ${issue.message}, got ${shown(at(tree, path))}`];
}

function unknownKey(path: Path, tree: Mapping): string {
  const known = knownKeys(path.slice(0, -1), tree);
  const similar = nearest(String(path.at(-1)), known);
  const hint =
    similar === undefined
      ? `must be left out; known here: ${known.join(', ')}`
      : `must be left out or corrected: did you mean ${similar}?`;
  return `${pathText(path)} is not a known key and ${hint}`;
}

function knownKeys(path: Path, tree: Mapping): string[] {
  const [first, , ...rest] = path;
  if (first === 'sinks') return sinkKeys(at(tree, [...path, 'type']));
  const inStream = first === 'streams';
  const section = inStream ? at(defaults.stream_defaults, rest) : at(defaults, path);
  const ofStreams = inStream && rest.length === 0 ? ['name', 'source'] : [];
  return [...ofStreams, ...(isMapping(section) ? Object.keys(section) : [])];
}

/** A value as the user wrote it, short, without secrets. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  // Infinity and NaN, which YAML knows, are null in JSON.
  const text = typeof value === 'number' ? String(value) : redact(asJson(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // An alias within what it stands for.
    return 'something that contains itself';
  }
}
