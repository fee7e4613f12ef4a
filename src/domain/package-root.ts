/** Where this package lies: the same in `src/`, bundled in `dist/`, and installed elsewhere. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the program uses of its `package.json`. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly engines: { readonly node: string };
}

/** Its directory, with `models/`, `config/`, `systemd/` and `samples/`; its facts. */
export const { root: packageRoot, facts: packageFacts } = packageAbove(dirname(fileURLToPath(import.meta.url)));

function packageAbove(directory: string): { root: string; facts: PackageFacts } {
  const facts = factsIn(directory);
  if (facts?.name === 'edge-cls') return { root: directory, facts };
  const above = dirname(directory);
  if (above === directory) throw new Error('the package.json of edge-cls must be above this module, but is not there');
  return packageAbove(above);
}

function factsIn(directory: string): PackageFacts | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageFacts;
  } catch {
    return undefined;
  }
}
