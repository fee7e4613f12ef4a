/** Writes the manual page edge-cls(1) to the path that is named, from the commands themselves. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandTree, type CommandTree } from '../src/commands/completion/command-tree.ts';
import { examples } from '../src/commands/examples.ts';
import { installedConfig } from '../src/config/installed-config.ts';
import { exitCode } from '../src/domain/errors.ts';
import { allVerbs } from '../src/commands/verbs.ts';
import { packageFacts } from '../src/domain/package-root.ts';

const [path = 'dist/man/edge-cls.1'] = process.argv.slice(2);

/** What means something to roff is made plain; a hyphen becomes the minus of the keyboard. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('×', 'x')
    .replaceAll(/`([^`]*)`/g, '\\fB$1\\fR')
    .replace(/^(?=[.'])/gm, '\\&');
}

const bold = (text: string) => `\\fB${plain(text)}\\fR`;
const slanted = (text: string) => `\\fI${plain(text)}\\fR`;
const entry = (term: string, says: string) => ['.TP', term, plain(says)];

function commandLines({ path: names, says, options, arguments: places, commands }: CommandTree): string[] {
  const terms = places.map(({ term }) => slanted(term)).join(' ');
  return [
    `.SS ${[bold(names.join(' ')), terms].filter(Boolean).join(' ')}`,
    plain(says.replace(/[^.]$/, '$&.').replace(/^./, (first) => first.toUpperCase())),
    ...places
      .filter((place) => place.says !== '')
      .flatMap(({ term, says: meaning, kind }) => entry(slanted(term), `${meaning}${choicesText(kind)}`)),
    ...options
      .filter(({ flags }) => !flags.includes('--help'))
      .flatMap(({ flags, value, says: meaning, fallback }) => {
        const term = `${flags.map(bold).join(', ')}${value === undefined ? '' : ` ${slanted(value.term)}`}`;
        const usual = fallback === undefined ? '' : ` (default: ${fallback})`;
        return entry(term, `${meaning}${choicesText(value?.kind)}${usual}`.trim());
      }),
    ...commands.flatMap(commandLines),
  ];
}

function choicesText(kind: CommandTree['arguments'][number]['kind'] | undefined): string {
  return typeof kind === 'object' ? ` [${kind.choices.join(', ')}]` : '';
}

function exampleLines(verb: string): string[] {
  return (examples[verb] ?? []).flatMap(({ line, does }) => entry(bold(line), does));
}

const meanings: Readonly<Record<keyof typeof exitCode, string>> = {
  done: 'Done.',
  failed: 'Failed.',
  usage: 'The command line or a source on it is wrong.',
  configuration: 'The configuration, a bundle or an adapter is wrong.',
  interrupted: 'Interrupted (run: 0).',
  terminated: 'Terminated (run: 0).',
};

const tree = commandTree(await allVerbs());
const page = [
  `.TH EDGE\\-CLS 1 "" "edge\\-cls ${packageFacts.version}" "User Commands"`,
  '.SH NAME',
  `edge\\-cls \\- watches video streams and classifies what is on them`,
  '.SH SYNOPSIS',
  '.B edge\\-cls',
  `${slanted('VERB')} [${slanted('OPTION')} ...] [${slanted('ARGUMENT')} ...]`,
  '.br',
  '.B edge\\-cls run',
  slanted('SOURCE ...'),
  '.SH DESCRIPTION',
  plain(`${packageFacts.description}.`),
  '.PP',
  `${bold('edge-cls help VERB')} shows the options of a verb.`,
  '.SH VERBS',
  ...tree.commands.flatMap(commandLines),
  '.SH EXAMPLES',
  ...tree.commands.flatMap(({ path: [verb = ''] }) => exampleLines(verb)),
  '.SH EXIT STATUS',
  ...Object.entries(exitCode).flatMap(([name, code]) =>
    entry(bold(String(code)), meanings[name as keyof typeof exitCode]),
  ),
  '.SH ENVIRONMENT',
  ...entry(bold('EDGE_CLS_FFMPEG'), 'The ffmpeg to use.'),
  ...entry(`${bold('EDGE_CLS_')}${slanted('KEY')}`, 'A key of the configuration, such as EDGE_CLS_BATCH_SIZE.'),
  '.SH FILES',
  ...entry(slanted(installedConfig), 'The configuration of the service.'),
  '.SH SEE ALSO',
  '.BR ffmpeg (1),',
  '.BR systemd.service (5)',
];

mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${page.join('\n')}\n`);
