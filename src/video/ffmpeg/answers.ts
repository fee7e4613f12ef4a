/** What an ffmpeg says of itself: four questions, kept until the program is another. */
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpeg, type RunOutput } from '../child/run-ffmpeg.ts';

export interface Answers {
  readonly version: string;
  readonly decoders: string;
  readonly filters: string;
  readonly encoders: string;
}

const questions = ['version', 'decoders', 'filters', 'encoders'] as const;

/**
 * From `directory` where this path of this size and modification time was asked before. `onFailure` makes the error of
 * one that does not answer; such answers are not kept.
 */
export async function answersOf(
  path: string,
  directory: string | undefined,
  onFailure: (run: RunOutput) => Error,
): Promise<Answers> {
  const { size, mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
  const file = directory === undefined || size === undefined ? undefined : join(directory, 'ffmpeg.json');
  const known = file === undefined ? undefined : await read(file);
  if (known?.path === path && known.size === size && known.mtimeMs === mtimeMs) return known.answers;
  const ask = (question: keyof Answers) => runFfmpeg(path, ['-hide_banner', `-${question}`], { timeoutMs: 10_000 });
  const version = await ask('version');
  if (version.exitCode !== 0) throw onFailure(version);
  const lists = await Promise.all([ask('decoders'), ask('filters'), ask('encoders')]);
  const [decoders = '', filters = '', encoders = ''] = lists.map(({ stdout }) => stdout);
  const answers = { version: version.stdout, decoders, filters, encoders };
  if (file !== undefined && lists.every(({ exitCode }) => exitCode === 0))
    await keep(file, { path, size, mtimeMs, answers });
  return answers;
}

interface Known {
  readonly path: string;
  readonly size: number | undefined;
  readonly mtimeMs: number | undefined;
  readonly answers: Answers;
}

/** Undefined where there is none, or something else. */
async function read(file: string): Promise<Known | undefined> {
  try {
    const known = JSON.parse(await readFile(file, 'utf8')) as Known;
    return questions.every((question) => typeof known.answers[question] === 'string') ? known : undefined;
  } catch {
    return undefined;
  }
}

/** Where that cannot be kept it is asked again. */
async function keep(file: string, known: Known): Promise<void> {
  const partial = `${file}.${process.pid}`;
  try {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(partial, JSON.stringify(known));
    await rename(partial, file);
  } catch {
    // A folder that cannot be written, or a full disk.
  }
}
