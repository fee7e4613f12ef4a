/** Where a file, or an address with an end, is entered, so that the part of it that is wanted begins with whole pictures. */
import { logArguments, passthrough } from '../decode/arguments.ts';
import { inputArguments } from '../decode/input-arguments.ts';
import { Showinfo } from '../decode/showinfo.ts';
import { runFfmpeg } from '../child/run-ffmpeg.ts';
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts';
import { startOf } from './parted-source.ts';
import type { Entry, SourceInfo } from './source-info.ts';
import type { SourceSpec } from './source-spec.ts';

/**
 * Seconds before the part: at its beginning in a container with an index, earlier in a transport stream, in which ffmpeg
 * lands between two key frames.
 */
const leads = [0, 10, 60] as const;

/** With these the time stamps after a seek are those of the whole file. But jumps of a clock are not evened out then. */
const timesOfFile = ['-copyts', '-start_at_zero'];

interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/**
 * A place from which on the first key frame comes no later than the part. Undefined where the file is read from its
 * beginning: the part is there, or it cannot be entered, as a stream without a container.
 */
export async function partEntry(
  spec: SourceSpec,
  { durationSeconds }: Pick<SourceInfo, 'durationSeconds'>,
  ffmpeg: Ffmpeg,
  limits: Limits,
): Promise<Entry | undefined> {
  if (spec.kind !== 'file' && (spec.kind !== 'http' || durationSeconds === undefined)) return undefined;
  const start = startOf(spec);
  for (const lead of leads) {
    const seconds = Math.floor(start - lead);
    if (seconds <= 0) return undefined;
    const place = ['-ss', String(seconds), ...inputArguments(spec)];
    const inFile = await keyFrameSeconds([...timesOfFile, ...place], ffmpeg, limits);
    if (inFile === undefined || inFile > start) continue;
    const counted = await keyFrameSeconds(place, ffmpeg, limits);
    if (counted !== undefined) return { seconds, shiftSeconds: inFile - counted };
  }
  return undefined;
}

/** Of the first key frame behind a place. */
async function keyFrameSeconds(place: readonly string[], ffmpeg: Ffmpeg, limits: Limits): Promise<number | undefined> {
  const args = [
    ...logArguments('none'),
    ...['-skip_frame', 'nokey', '-noaccurate_seek', ...place],
    ...['-map', '0:V:0', '-frames:v', '1', '-filter:v', 'showinfo=checksum=0'],
    ...passthrough(ffmpeg.version),
    ...['-f', 'null', '-'],
  ];
  const { stderr } = await runFfmpeg(ffmpeg.path, args, limits);
  limits.signal?.throwIfAborted();
  const showinfo = new Showinfo();
  for (const line of stderr.split('\n')) {
    const frame = showinfo.frame(line);
    if (frame) return line.includes('iskey:1') ? frame.presentationSeconds : undefined;
  }
  return undefined;
}
