/** The bundle that one in int8 was made of: gradients are taken through floats. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../domain/errors.ts';
import { loadBundle, shippedBundles, type Bundle } from './bundle.ts';

/**
 * The bundle itself where it computes in float. Throws a `ConfigurationError` where the one it was made of lies neither
 * beside it nor in the search paths.
 */
export async function floatBundle(bundle: Bundle, searchPaths: readonly string[] = [shippedBundles]): Promise<Bundle> {
  const { card, directory } = bundle;
  const from = card.int8?.from;
  if (from === undefined) return bundle;
  for (const path of [dirname(directory), ...searchPaths]) {
    if (!existsSync(join(path, from.name, 'card.json'))) continue;
    const candidate = await loadBundle(join(path, from.name));
    if (candidate.card.model.digest === from.digest) return candidate;
  }
  throw new ConfigurationError(
    `the bundle ${card.name} computes in int8, so fitting needs the one it was made of, ${from.name} with the digest ${from.digest}, which is neither beside it nor among the others: copy it to ${dirname(directory)}`,
  );
}
