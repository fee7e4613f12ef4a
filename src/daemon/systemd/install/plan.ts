import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../domain/errors.ts';
import { debianDirectory } from './debian-directory.ts';
import { assertReachable } from './reachable.ts';
import { wrapper } from './wrapper.ts';

/** One thing that an installed edge-cls needs on the box. */
export type Step =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  /** `keep`: the file is the user's once it is there. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly text: string;
      readonly keep: boolean;
    }
  /** `running`: makes sense only on the box itself, not in a tree below another root. */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly why: string; readonly running: boolean };

export interface PlanOptions {
  /** The directory of the installed package, with `dist/`, `config/` and `systemd/`. */
  readonly packageDirectory: string;
  /** The Node.js that runs the service; an absolute path. */
  readonly node: string;
}

/**
 * What an installation consists of, in order. Reads the package, changes nothing.
 *
 * @throws ConfigurationError when the service could not reach Node.js or the package, because
 * its sandbox hides home directories and /tmp.
 * @throws UserError when the Debian package has installed the service already.
 */
export async function installPlan({ packageDirectory, node }: PlanOptions): Promise<readonly Step[]> {
  if (packageDirectory === debianDirectory) {
    throw new UserError(
      `There is nothing to install: the Debian package of edge-cls in ${packageDirectory} brought the units and the configuration; systemctl enable --now edge-cls starts the service`,
    );
  }
  assertReachable('Node.js', node);
  assertReachable('The package', packageDirectory);
  const shipped = (path: string) => readFile(join(packageDirectory, path), 'utf8');
  const copy = async (from: string, to: string): Promise<Step> => ({
    kind: 'file',
    path: to,
    mode: 0o644,
    text: await shipped(from),
    keep: false,
  });
  return [
    {
      kind: 'file',
      path: '/usr/local/bin/edge-cls',
      mode: 0o755,
      text: wrapper(node, join(packageDirectory, 'dist/main.js')),
      keep: false,
    },
    await copy('systemd/sysusers.d/edge-cls.conf', '/etc/sysusers.d/edge-cls.conf'),
    await copy('systemd/tmpfiles.d/edge-cls.conf', '/etc/tmpfiles.d/edge-cls.conf'),
    await copy('systemd/edge-cls.service', '/etc/systemd/system/edge-cls.service'),
    await copy('systemd/edge-cls-adapt@.service', '/etc/systemd/system/edge-cls-adapt@.service'),
    await copy('systemd/edge-cls-adapt@.timer', '/etc/systemd/system/edge-cls-adapt@.timer'),
    { kind: 'directory', path: '/etc/edge-cls', mode: 0o755 },
    { kind: 'directory', path: '/etc/edge-cls/credentials', mode: 0o700 },
    {
      kind: 'file',
      path: '/etc/edge-cls/config.yaml',
      mode: 0o644,
      text: await shipped('config/edge-cls.yaml'),
      keep: true,
    },
    {
      kind: 'command',
      command: ['systemd-sysusers', 'edge-cls.conf'],
      why: 'makes the groups that the unit names',
      running: false,
    },
    {
      kind: 'command',
      command: ['systemctl', 'daemon-reload'],
      why: 'lets systemd read the units',
      running: true,
    },
  ];
}
