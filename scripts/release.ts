/**
 * Makes what is released, of the commit that is checked out:
 * npm run release -- [--arch x64] [--as VERSION] [--only tar] [--output DIRECTORY]
 *   [--maintainer 'NAME <ADDRESS>']
 *
 * The same commit gives the same bytes, so what is not committed is refused. Of the checkout nothing is changed.
 */
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checksums } from './release/checksums.ts';
import { debianPackage, isMaintainer } from './release/debian.ts';
import { programTree } from './release/program-tree.ts';
import { builtPackage, commitTime, uncommitted } from './release/source.ts';
import { tarball } from './release/tarball.ts';
import { architectures, type Release } from './release/target.ts';

const { values } = parseArgs({
  options: {
    arch: { type: 'string', multiple: true, default: Object.keys(architectures) },
    as: { type: 'string' },
    only: { type: 'string' },
    output: { type: 'string', default: 'release' },
    // Who made the package answers for it: until someone says so, the administrator of the machine that it is on.
    maintainer: { type: 'string', default: 'Unpublished build of edge-cls <root@localhost>' },
  },
});
const wanted = values.arch.map((name) => {
  const architecture = architectures[name];
  if (architecture !== undefined) return architecture;
  return refuse(`--arch must be ${Object.keys(architectures).join(' or ')}, but was ${name}: leave it out for all`);
});
if (values.only !== undefined && values.only !== 'tar' && values.only !== 'deb') {
  refuse(`--only must be tar or deb, but was ${values.only}: leave it out for both`);
}
if (!isMaintainer(values.maintainer)) {
  refuse(
    `--maintainer must be a name and an address, 'NAME <ADDRESS>', but was ${values.maintainer}: Debian asks for both`,
  );
}

const checkout = resolve(import.meta.dirname, '..');
const changes = await uncommitted(checkout);
if (changes > 0)
  refuse(`A release must be of a commit, but ${changes} files differ from it: commit them, or git stash`);

const output = resolve(values.output);
const work = await mkdtemp(join(tmpdir(), 'edge-cls-release-'));
try {
  const time = await commitTime(checkout);
  const source = await builtPackage(checkout, { work, ...(values.as !== undefined && { version: values.as }) });
  // Whole or not at all: what is there from before stays until everything is made.
  const made = join(work, 'made');
  await mkdir(made);
  for (const architecture of wanted) {
    const release: Release = { architecture, version: source.version, time, work };
    const tree = await programTree(source, release);
    await cp(join(tree, 'sbom.cdx.json'), join(made, `edge-cls-${source.version}-linux-${architecture.node}.cdx.json`));
    if (values.only !== 'deb') await tarball(tree, made, release);
    if (values.only !== 'tar') await debianPackage(tree, made, release, values.maintainer);
  }
  for (const line of await checksums(made)) console.log(line);
  await rm(output, { recursive: true, force: true });
  await rename(made, output).catch(() => cp(made, output, { recursive: true }));
} finally {
  await rm(work, { recursive: true, force: true });
}

function refuse(sentence: string): never {
  console.error(`release: ${sentence}`);
  process.exit(2);
}
