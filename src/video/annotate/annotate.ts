/** Draws labels and probabilities into a copy of a video. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { ConfigurationError, UserError } from '../../domain/errors.ts';
import { logArguments } from '../decode/arguments.ts';
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts';
import { inputArguments } from '../decode/input-arguments.ts';
import { installHint } from '../ffmpeg/install-hint.ts';
import { runFfmpeg } from '../child/run-ffmpeg.ts';
import { errorLines, lastWords } from '../ffmpeg/messages.ts';
import { describeSource, type SourceSpec } from '../source/source-spec.ts';
import { type Cue, subtitles } from './subtitles.ts';

export type { Cue } from './subtitles.ts';

export interface AnnotateOptions {
  /** A video file. */
  readonly input: SourceSpec;
  /** Path of the copy; its extension names the container. */
  readonly output: string;
  readonly cues: readonly Cue[];
  readonly ffmpeg: Ffmpeg;
  readonly signal?: AbortSignal;
}

/**
 * Writes beside the output and renames at the end: nobody sees half a video, and what stood there
 * stays until then. Sound is kept as it is.
 *
 * Throws a UserError where the input is no video file or cannot be converted, a ConfigurationError
 * where ffmpeg cannot draw text, and the signal's reason when aborted.
 */
export async function annotate({ input, output, cues, ffmpeg, signal }: AnnotateOptions): Promise<void> {
  refuse(input, output, ffmpeg);
  const target = resolve(output);
  const partial = join(dirname(target), `.${randomBytes(6).toString('hex')}.partial${extname(target)}`);
  const directory = await mkdtemp(join(tmpdir(), 'edge-cls-cues-'));
  try {
    await writeFile(join(directory, cueFile), subtitles(cues));
    // The filter's own quoting would have to survive two parsers: a plain name in the working directory needs none.
    const { exitCode, stderr } = await runFfmpeg(ffmpeg.path, annotateArguments(input, partial, ffmpeg), {
      signal,
      cwd: directory,
    });
    signal?.throwIfAborted();
    if (exitCode !== 0) {
      const words = lastWords(errorLines(stderr.split('\n')));
      throw new UserError(`the annotated video ${output} could not be written (ffmpeg: ${words})`);
    }
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
    await rm(directory, { recursive: true, force: true });
  }
}

const cueFile = 'cues.ass';

function annotateArguments(input: SourceSpec, partial: string, { encoders }: Ffmpeg): string[] {
  const encoder = encoders.has('libx264')
    ? ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20']
    : ['-c:v', 'mpeg4', '-q:v', '3'];
  return [
    ...logArguments('none'),
    ...inputArguments(input),
    ...['-map', '0:V:0', '-map', '0:a?', '-filter:v', `ass=${cueFile}`],
    ...encoder,
    ...['-pix_fmt', 'yuv420p', '-c:a', 'copy', '-y', `file:${partial}`],
  ];
}

function refuse(input: SourceSpec, output: string, ffmpeg: Ffmpeg): void {
  if (input.kind !== 'file') {
    throw new UserError(`only a video file can be annotated, but ${describeSource(input)} is none`);
  }
  if (resolve(output) === input.path) {
    throw new UserError(`the annotated video must be another file than the source, but both are ${basename(output)}`);
  }
  if (extname(output) === '') {
    throw new UserError(`the annotated video ${output} must have an extension that names its container, such as .mp4`);
  }
  if (!ffmpeg.filters.has('ass')) {
    throw new ConfigurationError(
      `ffmpeg ${ffmpeg.path} must have the filter ass (libass) to draw text, which this build lacks; get a complete one with: ${installHint()}`,
    );
  }
}
