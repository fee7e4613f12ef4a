import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * `names` and all that they need, sorted, as far as it lies directly below `modules`. Optional
 * packages of other systems are not there.
 *
 * @throws Error when one that is needed is missing.
 */
export async function installedPackages(modules: string, names: readonly string[]): Promise<readonly string[]> {
  const wanted = new Set<string>();
  const add = async (name: string): Promise<void> => {
    if (wanted.has(name)) return;
    wanted.add(name);
    const manifest = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8')) as Manifest;
    for (const needed of Object.keys(manifest.dependencies ?? {})) await add(needed);
    for (const optional of Object.keys(manifest.optionalDependencies ?? {})) {
      if (await isThere(join(modules, optional))) await add(optional);
    }
  };
  for (const name of names) await add(name);
  return [...wanted].sort();
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
