/** The first word of a command line must be a verb; where it is none, what was meant. */
import { existsSync } from 'node:fs';
import { UsageError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { quotedLine } from './shell-words.ts';

/** @throws UsageError for a source or an option before the verb, and for a verb that there is not */
export function assertVerb(argv: readonly string[], verbs: readonly string[]): void {
  const [first = ''] = argv;
  if (first === 'help' && argv[1] !== undefined) assertName(argv, 1, verbs);
  if (first === '' || ['help', '--help', '-h', '--version', '-V', ...verbs].includes(first)) return;
  const at = Math.max(
    0,
    argv.findIndex((argument) => argument === '-' || !argument.startsWith('-')),
  );
  const word = argv[at] ?? first;
  if (verbs.includes(word)) {
    const meant = lineOf([word, ...argv.filter((_, index) => index !== at)]);
    throw new UsageError(`options come after the verb, but ${first} is before ${word}: did you mean \`${meant}\`?`);
  }
  if (isSource(word)) {
    throw new UsageError(`${word} is a source, not a verb: did you mean \`${lineOf(['run', ...argv])}\`?`);
  }
  assertName(argv, at, verbs);
}

function assertName(argv: readonly string[], at: number, verbs: readonly string[]): void {
  const word = argv[at] ?? '';
  if (verbs.includes(word)) return;
  const verb = nearest(word, verbs);
  const next =
    verb === undefined
      ? '`edge-cls --help` shows those that there are'
      : `did you mean \`${lineOf(argv.map((argument, index) => (index === at ? verb : argument)))}\`?`;
  throw new UsageError(`there is no verb ${word}: ${next}`);
}

function lineOf(words: readonly string[]): string {
  return quotedLine(['edge-cls', ...words]);
}

/** A file or folder, an address, standard input, or what is written as a file is. */
function isSource(word: string): boolean {
  return word === '-' || /^[a-z][a-z0-9+.-]*:/i.test(word) || /[/\\]|\.\w{2,5}$/.test(word) || existsSync(word);
}
