/** Completion for zsh: a file `_edge-cls` in a directory of `fpath`, or read by `source`. */
import type { ArgumentTree, CommandTree, OptionTree, ValueKind } from './command-tree.ts';
import { allCommands, bundlesCommand } from './parts.ts';

export function zshCompletion(tree: CommandTree): string {
  return `#compdef edge-cls
# Completion of edge-cls for zsh, made by: edge-cls completion zsh
${allCommands(tree).map(functionText).join('\n')}
_edge_cls_bundles() {
  local -a names=(\${(f)"$(${bundlesCommand})"})
  _alternative 'bundles:bundle:compadd -a names' 'directories:directory:_files -/'
}

# Read by the completion system it is called; read by source it is made known.
if [[ \${funcstack[1]} == _edge-cls ]]; then
  _edge-cls "$@"
else
  compdef _edge-cls edge-cls
fi
`;
}

function functionText(command: CommandTree): string {
  const { path, options, commands, arguments: places } = command;
  const specs = options.map(optionSpec);
  const name = functionName(path);
  if (commands.length === 0) {
    return `${name}() {\n  _arguments -s ${continued([...specs, ...places.map(argumentSpec)])}\n}\n`;
  }
  const words = commands.map((inner) => quoted(`${inner.path.at(-1) ?? ''}:${inner.says.replaceAll(':', '\\:')}`));
  const cases = commands.map((inner) => `    ${inner.path.at(-1) ?? ''}) ${functionName(inner.path)} ;;`);
  return `${name}() {
  local curcontext=$curcontext state line
  local -a words_of_it=(
    ${words.join('\n    ')}
  )
  _arguments -C -s ${continued([...specs, "'1: :->command'", "'*:: :->rest'"])}
  case $state in
  command) _describe command words_of_it ;;
  rest)
    case $line[1] in
${cases.join('\n')}
    esac
    ;;
  esac
}
`;
}

function functionName(path: readonly string[]): string {
  return path.length === 0 ? '_edge-cls' : `_edge_cls_${path.join('_')}`;
}

function optionSpec({ flags, says, value, repeats }: OptionTree): string {
  const [first = '', ...more] = flags;
  const text = `[${bracketed(says)}]`;
  const action = value === undefined ? '' : `:${label(value.term)}:${actionFor(value.kind)}`;
  const equals = value === undefined ? '' : '=';
  const specOf = (flag: string) => quoted(`${flag}${flag.startsWith('--') ? equals : ''}${text}${action}`);
  if (repeats) return flags.map((flag) => `'*'${specOf(flag)}`).join(' ');
  if (more.length === 0) return specOf(first);
  // The short and the long one exclude each other.
  return flags.map((flag) => `'(${flags.join(' ')})'${specOf(flag)}`).join(' ');
}

function argumentSpec({ term, kind, repeats }: ArgumentTree, index: number): string {
  const optional = term.startsWith('[') ? ':' : '';
  return quoted(`${repeats ? '*' : `${index + 1}${optional}`}:${label(term)}:${actionFor(kind)}`);
}

function actionFor(kind: ValueKind): string {
  if (kind === 'file') return '_files';
  if (kind === 'directory') return '_files -/';
  if (kind === 'bundle') return '_edge_cls_bundles';
  return kind === 'any' ? ' ' : `(${kind.choices.join(' ')})`;
}

function label(term: string): string {
  return term.replace(/[<>[\].]/g, '').replaceAll(':', ' ');
}

function bracketed(text: string): string {
  return text.replace(/[\\[\]]/g, '\\$&').replaceAll(':', '\\:');
}

function continued(specs: readonly string[]): string {
  return specs.join(' \\\n    ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
