/** The package as `npm pack` makes it, of the commit and with the dependencies that its lock file names. */
import { readFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export interface Source {
  /** The commit's files, and what they were built with. */
  readonly checkout: string;
  /** What npm would publish, unpacked. */
  readonly unpacked: string;
  readonly version: string;
}

/** For npm: nothing is run that packages bring along, and nothing is asked of the network but their files. */
export const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

export async function commitTime(checkout: string): Promise<number> {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  if (given !== undefined) return Number(given);
  return Number((await execa('git', ['log', '-1', '--format=%ct'], { cwd: checkout })).stdout);
}

/** How many files differ from the commit; those that git does not know do not get into an archive of it. */
export async function uncommitted(checkout: string): Promise<number> {
  const { stdout } = await execa('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: checkout });
  return stdout.split('\n').filter(Boolean).length;
}

export async function builtPackage(
  checkout: string,
  { work, version }: { work: string; version?: string },
): Promise<Source> {
  const source = join(work, 'source');
  await mkdir(source);
  await execa('git', ['archive', '--output', join(work, 'source.tar'), 'HEAD'], { cwd: checkout });
  await execa('tar', ['--extract', '--file', join(work, 'source.tar'), '--directory', source]);
  const inSource = { cwd: source };
  await execa('npm', ['ci', ...quietly], inSource);
  if (version !== undefined) await execa('npm', ['version', version, '--no-git-tag-version', ...quietly], inSource);
  await execa('npm', ['pack', '--pack-destination', work, '--loglevel=error'], inSource);
  const facts = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  const packed = join(work, `edge-cls-${facts.version}.tgz`);
  await execa('tar', ['--extract', '--file', packed, '--directory', work]);
  return { checkout: source, unpacked: join(work, 'package'), version: facts.version };
}
