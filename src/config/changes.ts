/** What a reload does with each key of the configuration. */
import { isDeepStrictEqual } from 'node:util';
import { configKeys } from './keys.ts';
import type { Config } from './schema.ts';
import { at, layered, pathText, type Mapping, type Path } from './tree.ts';

export interface Reloaded {
  /** What holds from now on: what was read, with the old values where a new one waits for a restart. */
  readonly config: Config;
  /** Keys whose new values are taken, such as `log.level`. */
  readonly taken: readonly string[];
  /** Keys that differ from those that the program was started with, and stay so until it is started again. */
  readonly needsRestart: readonly string[];
}

/**
 * Compares the configuration that holds with one that was read.
 *
 * A value that needs a restart stays as `running` has it from the start, reload after reload, so
 * that each reload names all that wait, not only what it changed itself.
 */
export function reloaded(running: Config, read: Config): Reloaded {
  const changed = configKeys().filter(({ path }) => !isDeepStrictEqual(at(running, path), at(read, path)));
  const waiting = changed.filter(({ reload }) => reload === 'restart');
  return {
    config: waiting.reduce<Mapping>(
      (tree, { path }) => layered(tree, nested(path, at(running, path))),
      read as unknown as Mapping,
    ) as unknown as Config,
    taken: changed.filter(({ reload }) => reload === 'taken').map(({ path }) => pathText(path)),
    needsRestart: waiting.map(({ path }) => pathText(path)),
  };
}

function nested([key = '', ...rest]: Path, value: unknown): Mapping {
  return { [key]: rest.length > 0 ? nested(rest, value) : value };
}
