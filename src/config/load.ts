import { LineCounter, parseDocument } from 'yaml';
import { ConfigurationError } from '../domain/errors.ts';
import { redact } from '../domain/redact.ts';
import { readSmallFile } from '../domain/small-file.ts';
import { defaults } from './defaults.ts';
import { environmentLayer, type Environment } from './environment.ts';
import { oldKeys, withLayer, withoutOldKeys, type Layer } from './old-keys.ts';
import type { Config } from './schema.ts';
import { withSecrets } from './secrets.ts';
import { isMapping, layered, pathText, type Mapping } from './tree.ts';
import { validated } from './validate.ts';

export interface ConfigLayers {
  /** Text of a YAML file, and its path for errors. */
  readonly file?: { readonly path: string; readonly text: string };
  readonly env?: Environment;
  /** What the command line says, in the shape of the file; it wins over everything else. */
  readonly overrides?: Mapping;
  /** Told of keys that are old and still read: a sentence that says what to write now. */
  readonly onNotice?: (sentence: string) => void;
}

/**
 * Reads the configuration: defaults ← file ← environment ← command line, then checks it whole.
 *
 * @throws ConfigurationError when the file cannot be read, and as `resolveConfig` does
 */
export async function loadConfig(options: Omit<ConfigLayers, 'file'> & { readonly path?: string }): Promise<Config> {
  const { path, ...layers } = options;
  if (path === undefined) return resolveConfig(layers);
  let text: string;
  try {
    text = (await readSmallFile(path)).toString('utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new ConfigurationError(
      `The configuration ${path} must be a readable file, but it cannot be read (${code}): check the path and its permissions`,
      { cause },
    );
  }
  return resolveConfig({ ...layers, file: { path, text } });
}

/**
 * The layers put together and checked. Each stream has all keys: what it does not say comes from
 * `stream_defaults`. Secrets are in its `source`, which must therefore never be shown unredacted.
 *
 * @throws ConfigurationError for text that is not YAML, an unknown key or variable, a value that
 * is not what it must be, a secret that is not there
 */
export function resolveConfig({ file, env = {}, overrides = {}, onNotice }: ConfigLayers): Config {
  const known = defaults as unknown as Mapping;
  const origin = file?.path ?? 'configuration';
  const tell = onNotice && { tell: onNotice };
  const layers: readonly Layer[] = [
    { tree: file ? parsedFile(file) : {}, origin, ...tell },
    { tree: environmentLayer(env, layered(known, oldKeys)), origin: 'environment', ...tell },
    { tree: overrides, origin: 'command line' },
  ];
  const tree = completeStreams(withoutOldKeys(layers.reduce(withLayer, known), origin));
  const config = validated(tree, origin);
  return {
    ...config,
    streams: config.streams.map((stream, index) => ({
      ...stream,
      source: withSecrets(stream.source, pathText(['streams', index, 'source']), env),
    })),
  };
}

/** What is not a mapping is left for the check to name. */
function completeStreams(tree: Mapping): Mapping {
  const { streams, stream_defaults: common } = tree;
  if (!Array.isArray(streams) || !isMapping(common)) return tree;
  return { ...tree, streams: streams.map((stream: unknown) => (isMapping(stream) ? layered(common, stream) : stream)) };
}

function parsedFile({ path, text }: { path: string; text: string }): Mapping {
  const lineCounter = new LineCounter();
  let value: unknown;
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      throw new ConfigurationError(`${path}, line ${line}, column ${col}: must be YAML, but ${redact(error.message)}`);
    }
    value = document.toJS();
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    // Aliases that are not defined, or that multiply without end.
    const message = redact(cause instanceof Error ? cause.message : String(cause));
    throw new ConfigurationError(`${path}: must be YAML without such aliases: ${message}`, { cause });
  }
  // An empty file, or one in which everything is commented out.
  if (value === null || value === undefined) return {};
  if (!isMapping(value))
    throw new ConfigurationError(`${path}: must be a mapping of keys to values, got ${typeof value}`);
  return value;
}
