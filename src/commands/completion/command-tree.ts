/** The command line as plain data: what completions and the manual page are made of. */
import { Command, type Argument, type Option } from 'commander';
import { packageFacts } from '../../domain/package-root.ts';

/** What a value is: something that a shell knows, some words, or anything. */
export type ValueKind = 'file' | 'directory' | 'bundle' | 'any' | { readonly choices: readonly string[] };

export interface ValueTree {
  /** As the help writes it, such as `<file>` or `[bundle...]`. */
  readonly term: string;
  readonly kind: ValueKind;
}

export interface OptionTree {
  /** As they are written, such as `-c` and `--config`. */
  readonly flags: readonly string[];
  readonly says: string;
  /** Undefined for one that takes none. */
  readonly value: ValueTree | undefined;
  /** Takes several, or can be given several times. */
  readonly repeats: boolean;
  readonly fallback: string | undefined;
}

export interface ArgumentTree extends ValueTree {
  readonly says: string;
  readonly repeats: boolean;
}

export interface CommandTree {
  /** From the verb on: empty for the program, `models show`. */
  readonly path: readonly string[];
  readonly says: string;
  readonly options: readonly OptionTree[];
  readonly arguments: readonly ArgumentTree[];
  readonly commands: readonly CommandTree[];
}

/** The program with these verbs. */
export function commandTree(verbs: readonly Command[]): CommandTree {
  const root = new Command('edge-cls').description(packageFacts.description).version('0');
  return { ...treeOf(root, []), commands: verbs.map((verb) => treeOf(verb, [verb.name()])) };
}

function treeOf(command: Command, path: readonly string[]): CommandTree {
  // Commander's own way to what its help shows: without what is hidden, with --help.
  const help = command.createHelp();
  return {
    path,
    says: command.description(),
    options: help.visibleOptions(command).map(optionTree),
    arguments: help.visibleArguments(command).map(argumentTree),
    commands: help
      .visibleCommands(command)
      .filter((inner) => inner.name() !== 'help')
      .map((inner) => treeOf(inner, [...path, inner.name()])),
  };
}

function optionTree(option: Option): OptionTree {
  const { short, long, description, argChoices, required, optional, variadic, flags } = option;
  const term = required || optional ? /[<[].*$/.exec(flags)?.[0] : undefined;
  const fallback: unknown = option.defaultValue;
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    says: description,
    value: term === undefined ? undefined : { term, kind: kindOf(term, argChoices) },
    repeats: variadic || Array.isArray(fallback) || (typeof fallback === 'object' && fallback !== null),
    fallback: typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : undefined,
  };
}

function argumentTree(argument: Argument): ArgumentTree {
  const { description, argChoices, required, variadic } = argument;
  const name = `${argument.name()}${variadic ? '...' : ''}`;
  const term = required ? `<${name}>` : `[${name}]`;
  return { term, says: description, kind: kindOf(term, argChoices), repeats: variadic };
}

/** By the name that the help gives the value. */
function kindOf(term: string, choices: readonly string[] | undefined): ValueKind {
  if (choices !== undefined) return { choices };
  if (term.includes('bundle')) return 'bundle';
  if (/folder|director/.test(term)) return 'directory';
  return /file|path|source|start|adapters|\.mp4/.test(term) ? 'file' : 'any';
}
