/**
 * Writes what is generated from the schema of the configuration: docs/configuration.md, and config/edge-cls.yaml
 * with every key at its default. `npm run docs:configuration`
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { stringify } from 'yaml';
import { z } from 'zod';
import { defaults } from '../src/config/defaults.ts';
import { keyFacts, sectionFacts } from '../src/config/fields.ts';
import { configKeys, type ConfigKey } from '../src/config/keys.ts';
import { configSchema } from '../src/config/schema.ts';
import { sinkSchema } from '../src/config/sink-schema.ts';
import { streamSchema } from '../src/config/stream-schema.ts';
import { at, pathText, type Path } from '../src/config/tree.ts';

const width = 110;

export const generated = [
  { path: 'docs/configuration.md', text: page },
  { path: 'config/edge-cls.yaml', text: file },
] as const;

/** The page for readers: a table of each section's keys, then what they mean. */
async function page(): Promise<string> {
  const keys = configKeys();
  const streamKeys = configKeys(streamSchema.pick({ name: true, source: true }), ['streams[]']);
  const topLevel = keys.filter(({ path: [key = ''], path }) => path.length === 1 && !(key in exampleOf));
  const sections = Object.entries(configSchema.shape).filter(([, schema]) => sectionFacts.has(schema));
  const text = [
    '# Configuration',
    '',
    '<!-- Generated from the schema by "npm run docs:configuration": change src/config and run it again. -->',
    '',
    '`edge-cls run -c FILE` reads a YAML file; `config/edge-cls.yaml` has every key with its default. Later layers win: defaults, the file, environment variables, the command line. The variable of a key is `EDGE_CLS_` and its path in capitals, for example `EDGE_CLS_BATCH_SIZE=4`, its value read as YAML; `streams` has none. A key that is not known is an error.',
    '',
    '"Reload" says what SIGHUP, `systemctl reload` and `POST /api/v1/reload` do with a new value: they take it, or it waits for a restart; those that wait are named in the log, in the answer (`needsRestart`) and in the status of the service manager. A configuration with an error is refused whole, and the one before stays.',
    '',
    ...block('At the top', undefined, topLevel),
    ...sections.flatMap(([name, schema]) =>
      block(
        `\`${name}\``,
        sectionFacts.get(schema)?.says,
        keys.filter(({ path }) => path[0] === name),
      ),
    ),
    ...block('`sinks`', keyFacts.get(configSchema.shape.sinks)?.says, sinkKeys),
    ...block('`streams`', keyFacts.get(configSchema.shape.streams)?.says, streamKeys),
  ].join('\n');
  return format(text, { parser: 'markdown', printWidth: 120 });
}

function block(title: string, says: string | undefined, keys: readonly ConfigKey[]): string[] {
  return [
    ...[`## ${title}`, '', ...(says === undefined ? [] : [says, ''])],
    ...['| key | default | unit | range | reload |', '| --- | --- | --- | --- | --- |'],
    ...keys.map(({ path, range, unit, reload }) => {
      const cells = [`\`${pathText(path)}\``, defaultText(path), unit ?? unitOf(path), range, reload];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
    '',
    ...keys.map(({ path, says: meaning }) => `- \`${pathText(path)}\`: ${meaning}`),
    '',
  ];
}

function defaultText(path: Path): string {
  const value = at({ ...defaults, 'sinks[]': { name: 'json_lines', every_frame: false } }, path);
  return value === undefined ? 'none: must be given' : `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}

/** Most keys say their unit in their name. */
function unitOf(path: Path): string {
  return (
    /(?:^|_)(frames_per_second|seconds|frames|probability)$/.exec(String(path.at(-1)))?.[1]?.replaceAll('_', ' ') ?? ''
  );
}

/** The file that is shipped: every key with its default, below what it means. */
async function file(): Promise<string> {
  const head = [
    'edge-cls: every key with its default. Units, ranges and what a reload takes are in docs/configuration.md.',
    'Later layers win: built-in defaults, this file, environment variables, the command line. The variable of a key is EDGE_CLS_ and its path in capitals, for example EDGE_CLS_BATCH_SIZE=4 or EDGE_CLS_LOG_LEVEL=debug; its value is read as YAML. Streams have no variables. Unknown keys are errors.',
  ] as const;
  const lines = [...comment(head[0], ''), '#', ...comment(head[1], ''), ...yamlKeys(configSchema, [])];
  return format(lines.join('\n'), { parser: 'yaml', printWidth: 120 });
}

function yamlKeys(schema: z.ZodType, path: Path): string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const indent = '  '.repeat(path.length);
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).flatMap(([key, inner]) => {
    const says = keyFacts.get(inner)?.says ?? sectionFacts.get(inner)?.says ?? '';
    const gap = path.length === 0 ? [''] : [];
    if (inner instanceof z.ZodObject) {
      return [...gap, ...comment(says, indent), `${indent}${key}:`, ...yamlKeys(inner, [...path, key])];
    }
    return [
      ...[...gap, ...comment(says, indent), ...(exampleOf[key] ?? [])],
      `${indent}${key}: ${stringify(at(defaults, [...path, key])).trim()}`,
    ];
  });
}

/** What the keys of a list's elements mean, and elements as they can stand in the file. */
function example(keys: readonly ConfigKey[], yaml: string): string[] {
  return [
    ...keys.flatMap(({ path, says }) => comment(`${pathText(path)}: ${says}`, '')),
    '#',
    ...yaml
      .trim()
      .split('\n')
      .map((line) => `#   ${line}`),
  ];
}

const sinkKeys = sinkSchema.options.flatMap((type) => configKeys(type, ['sinks[]']));

const exampleOf: Readonly<Record<string, readonly string[]>> = {
  sinks: example(
    sinkSchema.options.flatMap((type) => configKeys(type)),
    `
- type: json_lines
  path: /var/lib/edge-cls/events.jsonl
- type: json_lines
  name: frames
  path: "-"
  every_frame: true`,
  ),
  streams: example(
    configKeys(streamSchema.pick({ name: true, source: true })),
    `
- name: door
  source: rtsp://viewer:\${credential:door}@192.168.1.20/stream1
  region: 0.25,0.1,0.5,0.8
  groups:
    bottle: [water bottle, pop bottle, beer bottle]`,
  ),
};

function comment(says: string, indent: string): string[] {
  const lines = [''];
  for (const word of says.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && indent.length + line.length + word.length + 3 > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `${indent}# ${line}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, text } of generated) await writeFile(new URL(`../${path}`, import.meta.url), await text());
}
