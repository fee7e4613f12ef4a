import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Release } from './target.ts';

/** `edge-cls-VERSION-linux-ARCH.tar.gz` in `made`: sorted, of one time, owned by root. */
export async function tarball(tree: string, made: string, { time }: Release): Promise<void> {
  const archive = join(made, `${basename(tree)}.tar`);
  const fixed = ['--format=gnu', '--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${time}`];
  const what = ['--directory', dirname(tree), basename(tree)];
  await execa('tar', ['--create', '--file', archive, ...fixed, ...what], { env: { LC_ALL: 'C' } });
  await execa('gzip', ['--best', '--no-name', archive]);
}
