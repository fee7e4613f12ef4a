import { parse } from 'yaml';
import { ConfigurationError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { isSection, layered, type Mapping } from './tree.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'EDGE_CLS_';
/** Read elsewhere: the configuration file's path, ffmpeg's path, secrets by name. */
const reserved = /^EDGE_CLS_(CONFIG|FFMPEG|CREDENTIAL_.+)$/;

/**
 * The layer that environment variables make: `EDGE_CLS_BATCH_SIZE=4` is `batch: {size: 4}`.
 * Values are read as YAML; an empty one is as if it were not set.
 *
 * @param known the defaults, whose keys are the ones that can be set
 * @throws ConfigurationError for a variable that begins like one and is none
 */
export function environmentLayer(env: Environment, known: Mapping): Mapping {
  const names = variableNames(known);
  let layer: Mapping = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || reserved.test(name) || value === undefined || value === '') continue;
    const path = names.get(name);
    if (!path) throw unknownVariable(name, names.keys());
    layer = layered(layer, nested(path, scalar(value)));
  }
  return layer;
}

/** Every variable with the path of the key that it sets. Lists of mappings (`streams`) have none. */
export function variableNames(known: Mapping): Map<string, readonly string[]> {
  return new Map(
    leaves(known, [])
      .filter(([first]) => first !== 'streams')
      .map((path) => [prefix + path.join('_').toUpperCase(), path]),
  );
}

function leaves(tree: Mapping, path: readonly string[]): (readonly string[])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isSection(key, value) ? leaves(value, [...path, key]) : [[...path, key]],
  );
}

function nested(path: readonly string[], value: unknown): Mapping {
  const [key = '', ...rest] = path;
  return { [key]: rest.length > 0 ? nested(rest, value) : value };
}

function scalar(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    return text;
  }
}

function unknownVariable(name: string, known: Iterable<string>): ConfigurationError {
  const similar = nearest(name, known);
  const hint = similar === undefined ? 'unset it' : `did you mean ${similar}?`;
  return new ConfigurationError(
    `The environment variable ${name} must belong to a key of the configuration, but it does not: ${hint}`,
  );
}
