/** `bench --against NAME=COMMAND`: other programs on the same file, in turns with `edge-cls run`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { inTurns, type Contestant, type Standing } from '../../daemon/bench/in-turns.ts';
import { programCost } from '../../daemon/bench/program-cost.ts';
import { UsageError, UserError } from '../../domain/errors.ts';
import { runFfmpeg } from '../../video/child/run-ffmpeg.ts';
import { quoted, quotedLine } from '../shell-words.ts';

export interface Rival {
  readonly name: string;
  /** For the shell; `{file}`, `{model}`, `{width}`, `{height}` and `{crop}` stand for what edge-cls works on. */
  readonly command: string;
}

/** What rivals are told, by the name between braces. */
export type Places = Readonly<Record<'model' | 'width' | 'height' | 'crop', string>>;

/** Parser of the option, which may be given several times. */
export function rivalFrom(text: string, before: readonly Rival[] = []): Rival[] {
  const [, name, command] = /^([^=\s][^=]*)=(.*\S.*)$/s.exec(text) ?? [];
  if (name !== undefined && command !== undefined) return [...before, { name, command }];
  throw new UsageError(`--against must be NAME=COMMAND, such as 'mine=python3 mine.py {file}', it was "${text}"`);
}

export interface AgainstOptions {
  readonly file: string;
  /** Of `edge-cls run`, beside the file. */
  readonly args: readonly string[];
  readonly rivals: readonly Rival[];
  readonly places: Places;
  readonly rounds: number;
  readonly ffmpeg: string;
  /** What starts edge-cls: this program by default. */
  readonly program?: readonly string[];
}

const thisProgram = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];

/** As often as the file is repeated for the longer of the two runs. */
const repeats = 3;

/** The first is edge-cls. */
export async function against(options: AgainstOptions): Promise<Standing[]> {
  const { file, args, rivals, places, rounds, ffmpeg, program = thisProgram } = options;
  const folder = await mkdtemp(join(tmpdir(), 'edge-cls-bench-'));
  try {
    const long = join(folder, `long${extname(file)}`);
    const loop = ['-v', 'error', '-stream_loop', String(repeats - 1), '-i', file, '-map', '0:v:0', '-c', 'copy', long];
    const { exitCode, stderr } = await runFfmpeg(ffmpeg, loop);
    if (exitCode !== 0)
      throw new UserError(`${file} must be a video that can be repeated, ffmpeg says: ${stderr.trim()}`);
    const ours: Contestant = {
      name: 'edge-cls',
      line: (path) => quotedLine([...program, 'run', path, ...args, '--json']),
      frames: classifiedFrames,
    };
    const theirs = rivals.map(({ name, command }): Contestant => {
      const line = (path: string) =>
        Object.entries({ ...places, file: path }).reduce(
          (text, [place, value]) => text.replaceAll(`{${place}}`, () => quoted(value)),
          command,
        );
      return { name, line, frames: saidFrames };
    });
    return await inTurns([ours, ...theirs], { short: file, long }, rounds, programCost);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of the summary that `run --json` prints. */
function classifiedFrames(stdout: string): number | undefined {
  const { streams } = JSON.parse(stdout) as { streams: { frames: { classified: number } }[] };
  return streams[0]?.frames.classified;
}

/** Of a last line that is JSON with `frames`; a program may as well be silent. */
function saidFrames(stdout: string): number | undefined {
  return lastWords(stdout).frames;
}

/** What a rival says of itself in JSON: `frames`, and `versions` of what it is made of. */
export function lastWords(stdout: string): { readonly frames?: number; readonly versions?: Record<string, string> } {
  try {
    const words: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    return typeof words === 'object' && words !== null ? words : {};
  } catch {
    return {};
  }
}
