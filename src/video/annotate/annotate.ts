/** Draws labels and probabilities into a copy of a video. */
import { randomBytes } from 'node:crypto';
import { access, constants, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { ConfigurationError, UsageError, UserError } from '../../domain/errors.ts';
import { fileIdentity } from '../../domain/file-identity.ts';
import { runFfmpeg, type RunOutput } from '../child/run-ffmpeg.ts';
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts';
import { installHint } from '../ffmpeg/install-hint.ts';
import { errorLines, lastWords } from '../ffmpeg/messages.ts';
import { hasImageExtension } from '../picture/image-codec.ts';
import { hasAudio } from '../source/source-info.ts';
import { describeSource, type SourceSpec } from '../source/source-spec.ts';
import {
  annotateArguments,
  cueFile,
  waysOf,
  type Cut,
  type Frames,
  type Stored,
  type Way,
} from './annotate-arguments.ts';
import { type Cue, subtitles } from './subtitles.ts';

export type { Cut, Frames } from './annotate-arguments.ts';
export type { Cue } from './subtitles.ts';

export interface AnnotateTarget {
  /** A video file. */
  readonly input: SourceSpec;
  /** Path of the copy; its extension names the container. */
  readonly output: string;
  readonly ffmpeg: Ffmpeg;
  readonly signal?: AbortSignal;
}

export interface Drawing {
  readonly cues: readonly Cue[];
  /** Thin frames around what is looked at. */
  readonly frames?: Frames | undefined;
  /** How the picture is stored, as the probe saw it. */
  readonly info?: Stored | undefined;
  /** What is copied; the whole by default. */
  readonly cut?: Cut | undefined;
}

/** What was found out before the first frame: how the copy can be written. */
export interface Annotatable extends AnnotateTarget {
  /** What happens to the sound, where that is not simply kept. */
  readonly notice: string | undefined;
  readonly way: Way;
}

/** So much is written on trial, seconds: headers and encoders show all their faults there. */
const trial: Cut = { entrySeconds: 0, startSeconds: 0, durationSeconds: 0.5 };

/**
 * Writes the beginning on trial, beside the output, with the arguments that the whole will have: better told now than
 * after an hour. The first way that works is kept: sound that the container does not take is encoded anew.
 *
 * Throws a UsageError where input or output cannot be meant, a UserError where ffmpeg cannot write it, a
 * ConfigurationError where ffmpeg cannot draw text, and the signal's reason when aborted.
 */
export async function annotatable(target: AnnotateTarget): Promise<Annotatable> {
  await refuse(target);
  const { output, ffmpeg, signal } = target;
  let words: string | undefined;
  for (const way of waysOf(ffmpeg.encoders)) {
    const { exitCode, stderr } = await written({ ...target, way }, { cues: [], cut: trial, isTrial: true });
    signal?.throwIfAborted();
    if (exitCode === 0) return { ...target, way, notice: soundNotice(way, output, stderr) };
    words ??= lastWords(errorLines(stderr.split('\n')));
  }
  throw new UserError(
    `the annotated video ${output} must be of a kind that ffmpeg can write, such as .mp4, .mkv or .webm (ffmpeg: ${words ?? 'no words'})`,
  );
}

/**
 * Writes beside the output and renames at the end: nobody sees half a video, and what stood there
 * stays until then. Throws a UserError where it cannot be written, and the signal's reason when aborted.
 */
export async function annotate(target: Annotatable, drawing: Drawing): Promise<void> {
  const { exitCode, stderr } = await written(target, drawing);
  target.signal?.throwIfAborted();
  if (exitCode === 0) return;
  const words = lastWords(errorLines(stderr.split('\n')));
  throw new UserError(`the annotated video ${target.output} could not be written (ffmpeg: ${words})`);
}

interface Writing extends Drawing {
  /** It is a trial: what comes out is looked at, and thrown away. */
  readonly isTrial?: boolean;
}

async function written(
  { input, output, ffmpeg, signal, way }: AnnotateTarget & { readonly way: Way },
  { cues, frames, info, cut, isTrial = false }: Writing,
): Promise<RunOutput> {
  const target = resolve(output);
  const partial = join(dirname(target), `.${randomBytes(6).toString('hex')}.partial${extname(target)}`);
  const directory = await mkdtemp(join(tmpdir(), 'edge-cls-cues-'));
  try {
    const entry = cut?.entrySeconds ?? 0;
    const shifted = cues.map((cue) => ({
      ...cue,
      fromSeconds: cue.fromSeconds - entry,
      toSeconds: cue.toSeconds - entry,
    }));
    await writeFile(join(directory, cueFile), subtitles(shifted));
    const args = annotateArguments({
      input,
      output: partial,
      way,
      frames,
      info,
      cut,
    });
    const outcome = await runFfmpeg(ffmpeg.path, args, { signal, cwd: directory });
    if (outcome.exitCode !== 0 || signal?.aborted === true) return outcome;
    if (!isTrial) {
      await rename(partial, target);
      return outcome;
    }
    // A container of sound takes a video as the picture on its cover; MPEG-TS takes any sound as bytes without a name.
    const sound = way.sound !== 'none' && hasAudio(outcome.stderr) ? ['-map', '0:a:0'] : [];
    const look = ['-v', 'repeat+level+error', '-i', `file:${partial}`, '-map', '0:V:0', ...sound, '-f', 'null', '-'];
    const seen = await runFfmpeg(ffmpeg.path, look, { signal });
    return seen.exitCode === 0 ? outcome : seen;
  } finally {
    await rm(partial, { force: true });
    await rm(directory, { recursive: true, force: true });
  }
}

function soundNotice({ sound }: Way, output: string, log: string): string | undefined {
  if (!hasAudio(log)) return undefined;
  const kind = extname(output);
  if (sound === 'encoded')
    return `the sound is encoded anew for ${basename(output)}: ${kind} does not take it as it is`;
  return sound === 'none' ? `${basename(output)} gets no sound: ${kind} does not take any` : undefined;
}

async function refuse({ input, output, ffmpeg }: AnnotateTarget): Promise<void> {
  if (input.kind !== 'file') {
    throw new UsageError(
      `only a video file can be annotated, but ${describeSource(input)} is none; for pictures there is --csv`,
    );
  }
  if (fileIdentity(output) === fileIdentity(input.path)) {
    throw new UsageError(`the annotated video must be another file than the source, but both are ${basename(output)}`);
  }
  if (extname(output) === '' || hasImageExtension(output)) {
    throw new UsageError(
      `the annotated video ${output} must have an extension that names a container of videos, such as .mp4`,
    );
  }
  await refuseDirectory(output);
  if (!ffmpeg.filters.has('ass')) {
    throw new ConfigurationError(
      `ffmpeg ${ffmpeg.path} must have the filter ass (libass) to draw text, which this build lacks; get a complete one with: ${installHint()}`,
    );
  }
}

async function refuseDirectory(output: string): Promise<void> {
  const directory = dirname(resolve(output));
  const stats = await stat(directory).catch(() => undefined);
  if (stats?.isDirectory() !== true) {
    throw new UsageError(
      `the folder of the annotated video ${output} must be there, but ${directory} is not: make it with mkdir -p`,
    );
  }
  if ((await stat(resolve(output)).catch(() => undefined))?.isDirectory() === true) {
    throw new UsageError(`the annotated video ${output} must be a file, but is a folder: name a file in it`);
  }
  await access(directory, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw new UsageError(`the folder of the annotated video ${output} must be writable, but ${directory} is not`, {
      cause,
    });
  });
}
