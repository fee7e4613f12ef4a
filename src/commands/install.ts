/** `edge-cls install`: makes this program a service of systemd on this box. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { install } from '../daemon/systemd/install/install.ts';
import { UsageError } from '../domain/errors.ts';
import { packageRoot } from '../domain/package-root.ts';

interface InstallCommandOptions {
  dryRun?: boolean;
  root: string;
  node: string;
}

export function installCommand(): Command {
  return new Command('install')
    .option('--dry-run', 'print the steps and change nothing')
    .option('--root <directory>', 'install below this directory, for example into an image', '/')
    .option('--node <path>', 'the Node.js that runs the service', process.execPath)
    .action(installAction);
}

async function installAction({ dryRun = false, root, node }: InstallCommandOptions): Promise<void> {
  await install({
    // Links point out of what the sandbox hides, or into it: what counts is where they lead.
    packageDirectory: realpathSync(packageRoot),
    node: existing(resolve(node)),
    root: resolve(root),
    dryRun,
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

function existing(node: string): string {
  try {
    return realpathSync(node);
  } catch (cause) {
    throw new UsageError(
      `--node must be the path of a Node.js, but nothing is at ${node}: leave it out to use this one`,
      {
        cause,
      },
    );
  }
}
