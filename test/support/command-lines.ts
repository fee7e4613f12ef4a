/** Command lines that documents show. */
import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { allVerbs } from '../../src/commands/verbs.ts';

/** Lines of the shell blocks of a Markdown text, without the comments behind them; continued ones are joined. */
export function shellLines(markdown: string): string[] {
  return [...markdown.matchAll(/^```(?:sh|bash|console)\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The words of a line, as bash parts them; empty where it is no plain command. */
export function wordsOf(line: string): string[] {
  const { stdout, status } = spawnSync('bash', ['--norc', '-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\0').slice(0, -1) : [];
}

/** Parses a command line as the program does, and does nothing of it. Throws what is wrong with it. */
export async function parse(argv: readonly string[]): Promise<void> {
  const root = new Command('edge-cls').exitOverride();
  for (const verb of await allVerbs()) root.addCommand(idle(verb));
  await root.parseAsync([...argv], { from: 'user' });
}

function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const inner of command.commands) idle(inner);
  return command;
}
