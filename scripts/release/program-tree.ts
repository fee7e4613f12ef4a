/** The program as it lies on a box: the package, and of its dependencies what `dist/` does not hold already. */
import { chmod, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { installedPackages } from './installed-packages.ts';
import { billOfMaterials } from './sbom.ts';
import { quietly, type Source } from './source.ts';
import { oldestNode, type Release } from './target.ts';

/**
 * What scripts/build.mjs leaves out of the bundle, but for ffmpeg-static, which would have to
 * be downloaded: a release takes the ffmpeg of the system.
 */
const beside = ['onnxruntime-node', '@resvg/resvg-js'];

export async function programTree(source: Source, release: Release): Promise<string> {
  const { architecture, version, work } = release;
  const dependencies = await productionDependencies(source, release);
  const tree = join(work, `edge-cls-${version}-linux-${architecture.node}`);
  await cp(source.unpacked, tree, { recursive: true });
  const modules = join(dependencies, 'node_modules');
  for (const name of await installedPackages(modules, beside)) {
    await cp(join(modules, name), join(tree, 'node_modules', name), { recursive: true });
  }
  await onlyBinariesOf(architecture.node, join(tree, 'node_modules/onnxruntime-node/bin'));
  await withoutDevelopersFiles(tree);
  await mkdir(join(tree, 'bin'));
  await writeFile(join(tree, 'bin/edge-cls'), starter);
  await chmod(join(tree, 'bin/edge-cls'), 0o755);
  await writeFile(join(tree, 'sbom.cdx.json'), await billOfMaterials(dependencies, release));
  // Whatever the umask was.
  await execa('chmod', ['--recursive', 'u=rwX,go=rX', tree]);
  return tree;
}

/** A directory with the dependencies that a user needs, for that system. */
async function productionDependencies(
  { checkout }: Source,
  { architecture: { node }, work }: Release,
): Promise<string> {
  const directory = join(work, `dependencies-${node}`, 'edge-cls');
  await mkdir(directory, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) await cp(join(checkout, name), join(directory, name));
  const flags = ['--omit=dev', '--os=linux', `--cpu=${node}`, '--libc=glibc', ...quietly];
  await execa('npm', ['ci', ...flags], { cwd: directory });
  await execa('npm', ['pkg', 'delete', 'devDependencies', 'optionalDependencies.ffmpeg-static'], { cwd: directory });
  await execa('npm', ['prune', ...flags], { cwd: directory });
  return directory;
}

/** onnxruntime-node brings those of five systems, 288 MB. */
async function onlyBinariesOf(node: string, binaries: string): Promise<void> {
  for (const napi of await readdir(binaries)) {
    for (const system of await readdir(join(binaries, napi))) {
      for (const cpu of await readdir(join(binaries, napi, system))) {
        if (system !== 'linux' || cpu !== node) await rm(join(binaries, napi, system, cpu), { recursive: true });
      }
      if (system !== 'linux') await rm(join(binaries, napi, system), { recursive: true });
    }
  }
}

/** Maps and types are for who changes the program, from the repository. */
async function withoutDevelopersFiles(tree: string): Promise<void> {
  await execa('find', [tree, '-type', 'f', '(', '-name', '*.map', '-o', '-name', '*.d.ts', ')', '-delete']);
}

/** Starts the program wherever the directory lies, also through a link. */
const starter = `#!/bin/sh
command -v node >/dev/null || { echo 'edge-cls: Node.js ${oldestNode} or newer must be on PATH as "node", but is not: install it' >&2; exit 1; }
exec node --single-threaded-gc "$(dirname "$(readlink -f "$0")")/../dist/main.js" "$@"
`;
