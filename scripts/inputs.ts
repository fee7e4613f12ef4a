/**
 * Every kind of input beside the plain version of the same scene: `npm run docs:inputs` writes docs/inputs.md, and ends
 * with exit code 1 where a ceiling is broken. Makes its inputs with ffmpeg, and needs ffprobe beside it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { onnxruntimeEngine } from '../src/engine/onnxruntime/engine.ts';
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';
import { classified, type Answers } from './inputs/classified.ts';
import { groups } from './inputs/groups.ts';
import type { Kind } from './inputs/kind.ts';
import { sceneRate, Workshop } from './inputs/workshop.ts';

const largestDifference = 0.05;
const largestTimeError = 0.001;
const page = join(import.meta.dirname, '../docs/inputs.md');

const ffmpeg = await findFfmpeg();
await using engine = await onnxruntimeEngine({ device: 'cpu' });
const machine = { engine, ffmpeg };
const folder = mkdtempSync(join(tmpdir(), 'edge-cls-inputs-'));
const workshop = new Workshop(folder, ffmpeg.path);
const wanted = process.argv[2] ?? '';
const earlier = rowsOf(existsSync(page) ? readFileSync(page, 'utf8') : '');
const plainAnswers = new Map<string, Promise<Answers>>();
const broken: string[] = [];
const lines: string[] = [];

try {
  // The first answer brings up the worker, whose loader is looked for from the directory of the start.
  await answersOf(workshop.scene());
  process.chdir(folder);
  for (const { title, kinds } of groups) {
    lines.push('', `## ${title}`, '', '| input | frames seen | largest difference | largest error of time, ms |');
    lines.push('| --- | --- | --- | --- |');
    for (const kind of kinds) {
      const kept = `${title} ${kind.name}`.includes(wanted) ? undefined : earlier.get(cell(kind.name));
      lines.push(kept ?? (await row(kind)));
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
writeFileSync(page, await format(text(), { parser: 'markdown', ...(await resolveConfig(page)) }));
if (broken.length > 0) {
  console.error(`broken: ${broken.join('; ')}`);
  process.exitCode = 1;
}

/** The lines of the table by their first cell. */
function rowsOf(markdown: string): Map<string, string> {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
  return new Map(rows.map((line) => [(line.split(/(?<!\\)\|/)[1] ?? '').trim(), line]));
}

function cell(name: string): string {
  return name.replaceAll('|', '\\|');
}

async function row(kind: Kind): Promise<string> {
  const line = await cells(kind).catch((error: unknown) => {
    broken.push(`${kind.name} (failed)`);
    return `| ${cell(kind.name)} | **failed: ${String(error).trim().split('\n').at(-1)}** | – | – |`;
  });
  console.log(line);
  return line;
}

async function cells({ name, make, plain, size, times }: Kind): Promise<string> {
  const input = make(workshop);
  const [seen, expected] = [await classified(input, machine), await answersOf((plain ?? scene)(workshop))];
  const count = times === undefined ? workshop.times(input) : [...expected.keys()].map((n) => n / sceneRate);
  const difference = largest(
    [...expected].map(([n, { probabilities }]) => distance(probabilities, seen.get(n)?.probabilities)),
  );
  const error =
    times === 'none' ? 0 : largest([...seen].map(([n, { seconds }]) => Math.abs(seconds - (count[n] ?? NaN))));
  const judged = (good: boolean, words: string): string => {
    if (!good) broken.push(`${name} (${words})`);
    return good ? words : `**${words}**`;
  };
  return `| ${[
    cell(name),
    judged(seen.size === count.length && expected.size === count.length, `${seen.size} of ${count.length}`),
    judged(difference <= largestDifference, difference.toFixed(4)),
    judged(error <= largestTimeError, times === 'none' ? '–' : (1000 * error).toFixed(2)),
  ].join(' | ')} |`;

  function scene(): string {
    return workshop.scene(size);
  }
}

/** Most kinds have the same plain version. */
function answersOf(plain: string): Promise<Answers> {
  const answers = plainAnswers.get(plain) ?? classified(plain, machine);
  plainAnswers.set(plain, answers);
  return answers;
}

function distance(a: Float32Array, b: Float32Array | undefined): number {
  return b === undefined ? 1 : largest([...a].map((value, index) => Math.abs(value - (b[index] ?? NaN))));
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => (value > most || Number.isNaN(value) ? value : most), 0);
}

function text(): string {
  return [
    '# What an input may be',
    '',
    `Made by \`npm run docs:inputs\` (ffmpeg ${ffmpeg.version.join('.')}), which makes each input itself out of 24 frames of`,
    '`samples/demo.mp4`. Each is classified as it is and as its plain version: the same scene in RGB, square pixels,',
    'constant rate, without loss. Where the file itself has lost something (fewer colours, a lossy codec), its plain',
    "version is what ffmpeg's own filters, with zimg for colours, make of it. All of the picture is looked at",
    '(`view: whole`). Shown are the frames that were classified of those that are there, the largest difference of any',
    'of the 1,000 probabilities in any frame, and the largest error of a presentation time against ffprobe. Ceilings:',
    'all frames, 0.05, 1 ms; what is above is bold. `npm run docs:inputs -- HEVC` makes the rows anew that name it.',
    ...lines,
    '',
  ].join('\n');
}
