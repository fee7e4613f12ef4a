/** Completion for bash: 4.4 or newer, with or without the package bash-completion. */
import { allCommands, bundlesCommand } from './parts.ts';
import type { CommandTree, ValueKind } from './command-tree.ts';

export function bashCompletion(tree: CommandTree): string {
  const commands = allCommands(tree);
  const deeper = commands.map(({ path }) => path).filter((path) => path.length > 0);
  return `# Completion of edge-cls for bash, made by: edge-cls completion bash
_edge_cls() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' i
  # bash parts --option=value into three words.
  if [[ $word == '=' ]]; then
    word=''
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
    ${deeper.map((path) => quoted([path.length === 1 ? '' : path.slice(0, -1).join(' '), path.at(-1)].join(' '))).join(' | ')})
      command="\${command:+$command }\${COMP_WORDS[i]}"
      ;;
    esac
  done
  COMPREPLY=()
  case "$command $previous" in
${optionCases(commands).join('\n')}
  esac
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}

_edge_cls_words() {
  compopt +o default
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_edge_cls_directories() {
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -d -- "$1")
}

# A bundle is known by its name, or is a directory.
_edge_cls_bundles() {
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -W "$(${bundlesCommand})" -- "$1"; compgen -d -- "$1")
}

# Where there are no words of ours, files are what is meant.
complete -o default -F _edge_cls edge-cls
`;
}

/** A case for each kind of value, with all options that take it. */
function optionCases(commands: readonly CommandTree[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const { path, options } of commands) {
    for (const { flags, value } of options) {
      if (value === undefined) continue;
      const action = actionFor(value.kind);
      const names = flags.map((flag) => quoted(`${path.join(' ')} ${flag}`));
      patterns.set(action, [...(patterns.get(action) ?? []), ...names]);
    }
  }
  return [...patterns].map(([action, names]) => `  ${names.join(' | ')})\n    ${action}\n    return\n    ;;`);
}

function commandCase({ path, options, commands, arguments: places }: CommandTree): string {
  const words = [...commands.map((inner) => inner.path.at(-1)), ...options.flatMap(({ flags }) => flags)].join(' ');
  const [place] = places;
  const other = place === undefined ? undefined : actionFor(place.kind);
  const lines =
    other === undefined
      ? [`    _edge_cls_words ${quoted(words)} "$word"`]
      : [
          `    if [[ $word == -* ]]; then`,
          `      _edge_cls_words ${quoted(words)} "$word"`,
          '    else',
          `      ${other}`,
          '    fi',
        ];
  return [`  ${quoted(path.join(' '))})`, ...lines, '    ;;'].join('\n');
}

function actionFor(kind: ValueKind): string {
  if (kind === 'file') return ':';
  if (kind === 'directory') return '_edge_cls_directories "$word"';
  if (kind === 'bundle') return '_edge_cls_bundles "$word"';
  return kind === 'any' ? 'compopt +o default' : `_edge_cls_words ${quoted(kind.choices.join(' '))} "$word"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
