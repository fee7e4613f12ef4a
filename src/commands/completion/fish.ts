/** Completion for fish. */
import type { CommandTree, OptionTree, ValueKind } from './command-tree.ts';
import { allCommands, bundlesCommand } from './parts.ts';

export function fishCompletion(tree: CommandTree): string {
  const lines = allCommands(tree).flatMap((command) => [
    ...command.commands.map((inner) =>
      complete(
        command.commands.length > 0 && command.path.length === 0 ? '__fish_use_subcommand' : before(command),
        `-f -a ${inner.path.at(-1) ?? ''} -d ${quoted(inner.says)}`,
      ),
    ),
    ...command.options.map((option) => complete(within(command), optionText(option))),
    ...argumentLines(command),
  ]);
  return `# Completion of edge-cls for fish, made by: edge-cls completion fish\ncomplete -c edge-cls -f\n${lines.join('\n')}\n`;
}

function complete(condition: string, what: string): string {
  return `complete -c edge-cls -n ${quoted(condition)} ${what}`;
}

/** The command is given. */
function within({ path }: CommandTree): string {
  if (path.length === 0) return '__fish_use_subcommand';
  return path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ');
}

/** The command is given, and none below it. */
function before(command: CommandTree): string {
  const names = command.commands.map(({ path }) => path.at(-1)).join(' ');
  return `${within(command)}; and not __fish_seen_subcommand_from ${names}`;
}

function argumentLines(command: CommandTree): string[] {
  const [place] = command.arguments;
  if (place === undefined || place.kind === 'any') return [];
  return [complete(within(command), kindText(place.kind))];
}

function optionText({ flags, says, value }: OptionTree): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const takes = value === undefined ? [] : ['-r', kindText(value.kind)];
  return [...names, ...takes, `-d ${quoted(says)}`].join(' ');
}

function kindText(kind: ValueKind): string {
  if (kind === 'file') return '-F';
  if (kind === 'directory') return "-f -a '(__fish_complete_directories)'";
  if (kind === 'bundle') return `-f -a '(${bundlesCommand}; __fish_complete_directories)'`;
  return kind === 'any' ? '-f' : `-f -a ${quoted(kind.choices.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
