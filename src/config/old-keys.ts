/** Keys of earlier versions that are still read: `output.events_file` and `output.every_frame` are `sinks` now. */
import { stringify } from 'yaml';
import { ConfigurationError } from '../domain/errors.ts';
import { at, isMapping, layered, type Mapping } from './tree.ts';

const oldOutput = { events_file: null, every_frame: false };
/** For what knows keys by the tree of defaults. */
export const oldKeys: Mapping = { output: oldOutput };

export interface Layer {
  readonly tree: Mapping;
  readonly origin: string;
  /** Told which keys are old, and what to write now. Options of the command line are not old. */
  readonly tell?: (sentence: string) => void;
}

/**
 * Lays one layer over those below it. `events_file` makes the list of sinks, as a whole;
 * `every_frame` stays until all layers are there.
 *
 * @throws ConfigurationError for an `events_file` that is none, or that stands beside `sinks`
 */
export function withLayer(under: Mapping, { tree, origin, tell }: Layer): Mapping {
  const merged = layered(under, tree);
  const file = at(tree, ['output', 'events_file']);
  if (at(tree, ['output', 'every_frame']) !== undefined) {
    tell?.(`${origin}: output.every_frame is still read, but is now a key of each sink: write it there`);
  }
  if (file === undefined) return merged;
  if (file !== null && (typeof file !== 'string' || file === '')) {
    throw new ConfigurationError(
      `${origin}: output.events_file must be null, - or the path of a file, got ${inline(file)}`,
    );
  }
  const sinks = file === null ? [] : [{ type: 'json_lines', path: file }];
  if (tree['sinks'] !== undefined) {
    throw new ConfigurationError(
      `${origin}: output.events_file must not stand beside sinks, which took its place: remove it`,
    );
  }
  tell?.(`${origin}: output.events_file is still read, but has become sinks: write sinks: ${inline(sinks)}`);
  return { ...merged, sinks };
}

/**
 * The tree without old keys, when all layers are there.
 *
 * @throws ConfigurationError for an `every_frame` that is none
 */
export function withoutOldKeys(tree: Mapping, origin: string): Mapping {
  const { output, sinks } = tree;
  if (!isMapping(output)) return tree;
  const every = output['every_frame'];
  const kept = Object.fromEntries(Object.entries(output).filter(([key]) => !Object.hasOwn(oldOutput, key)));
  if (every === undefined) return { ...tree, output: kept };
  if (typeof every !== 'boolean') {
    throw new ConfigurationError(`${origin}: output.every_frame must be true or false, got ${inline(every)}`);
  }
  const told = (sink: unknown) => (isMapping(sink) ? { ...sink, every_frame: every } : sink);
  return { ...tree, output: kept, sinks: Array.isArray(sinks) ? sinks.map(told) : sinks };
}

/** On one line, as it can stand in the file. */
function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
