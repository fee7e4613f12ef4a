/** What the scripts for all shells have in common. */
import type { CommandTree } from './command-tree.ts';

/** Prints the names of the bundles, one a line. */
export const bundlesCommand = 'edge-cls completion bundles 2>/dev/null';

/** The command and all below it. */
export function allCommands(tree: CommandTree): CommandTree[] {
  return [tree, ...tree.commands.flatMap(allCommands)];
}
