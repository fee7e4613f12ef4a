import { isDeepStrictEqual } from 'node:util';
import type { StreamConfig } from '../../config/schema.ts';

/** Names of streams. */
export interface StreamChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What has to be done so that the streams before become those after. */
export function changesBetween(
  before: readonly StreamConfig[],
  after: readonly StreamConfig[],
  /** The stream's bundle is another now, under the same name. */
  hasOtherBundle: (stream: StreamConfig) => boolean = () => false,
): StreamChanges {
  const old = new Map(before.map((stream) => [stream.name, stream]));
  const names = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    changed: after
      .filter((stream) => old.has(stream.name))
      .filter((stream) => !isDeepStrictEqual(old.get(stream.name), stream) || hasOtherBundle(stream))
      .map(({ name }) => name),
    removed: before.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}
