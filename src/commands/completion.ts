/** `edge-cls completion`: what a shell needs to complete command lines, made from the commands themselves. */
import { Argument, Command } from 'commander';
import { listBundles } from '../model/bundle.ts';
import { bashCompletion } from './completion/bash.ts';
import { commandTree } from './completion/command-tree.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function completionCommand(allVerbs: () => Promise<readonly Command[]>): Command {
  const names = Object.keys(shells) as (keyof typeof shells)[];
  const command = new Command('completion').addArgument(
    new Argument('<shell>', 'whose completion to print').choices(names),
  );
  command.usage('[options] <shell>').action(async (shell: keyof typeof shells) => {
    process.stdout.write(shells[shell](commandTree(await allVerbs())));
  });
  // What the scripts ask, so that bundles which come later are completed, too.
  command
    .command('bundles', { hidden: true })
    .action(async () => void process.stdout.write(`${(await listBundles()).join('\n')}\n`));
  return command;
}
