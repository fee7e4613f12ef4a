/** Asks ffmpeg what a source is, by decoding one frame of it. */
import { basename } from 'node:path';
import { ConfigurationError, UserError } from '../../domain/errors.ts';
import { colourFilterNames, colourFilters } from '../decode/colours.ts';
import { installHint } from '../ffmpeg/install-hint.ts';
import { logArguments, passthrough } from '../decode/arguments.ts';
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts';
import { errorLines } from '../ffmpeg/messages.ts';
import { fileFault, refuseUnfit } from './file-fault.ts';
import { notDecoded } from '../picture/unreadable.ts';
import { isTransposed } from '../picture/orientation.ts';
import { imageRuns, linkImages } from '../picture/image-sequences.ts';
import { type ImageSequence, inputArguments } from '../decode/input-arguments.ts';
import { startFault } from '../child/child.ts';
import { runFfmpeg } from '../child/run-ffmpeg.ts';
import { isEndlessFragments } from './endless-fragments.ts';
import { knock } from './knock.ts';
import { Showinfo } from '../decode/showinfo.ts';
import { sourceError } from './diagnosis.ts';
import { partEntry } from './part-entry.ts';
import { refuseLateStart, startOf } from './parted-source.ts';
import { awaitPipe } from './pipe-fault.ts';
import { SourceError } from './source-error.ts';
import { displayOrientation, headerArguments, turnsFrames } from './display-orientation.ts';
import { displaySize, parseSourceInfo, type SourceInfo } from './source-info.ts';
import { describeSource, isPictures, type PicturesSpec, type SourceSpec } from './source-spec.ts';

/** For the server's word about the length of what it sends, milliseconds. */
const lengthTimeoutMs = 5000;

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Wall-clock limit, milliseconds; 15 seconds by default. */
  readonly timeoutMs?: number;
}

/**
 * Opens the source and decodes its first frame; for a folder, its first picture that can be read.
 *
 * Works without ffprobe. Throws a SourceError that says in one sentence what is wrong: no video,
 * empty, not a video, cut off, encrypted, unreachable, refused; the signal's reason when aborted.
 */
export async function probe(spec: SourceSpec, ffmpeg: Ffmpeg, options: ProbeOptions = {}): Promise<SourceInfo> {
  return isPictures(spec) ? await probeImages(spec, ffmpeg, options) : await probeOne(spec, ffmpeg, options);
}

async function probeImages(spec: PicturesSpec, ffmpeg: Ffmpeg, options: ProbeOptions): Promise<SourceInfo> {
  for (const files of portions(spec.files)) {
    for (const run of imageRuns(files).runs) {
      await using images = await linkImages(run);
      const info = await probeOne(spec, ffmpeg, options, images).catch((error: unknown) => {
        if (!(error instanceof SourceError) || error.reason === 'timeout') throw error;
      });
      if (info === undefined) continue;
      const { codec, pixelFormat, hasAudio } = info;
      const { native, display, sampleAspectRatio } = isTransposed(run.orientation) ? transposed(info) : info;
      const stored = run.orientation === 1 ? {} : { orientation: run.orientation };
      const imageCount = spec.files.length;
      return { codec, pixelFormat, native, display, ...stored, sampleAspectRatio, hasAudio, imageCount };
    }
  }
  throw noneReadable(spec);
}

/** Of a picture that lies on its side. */
function transposed({ native, sampleAspectRatio }: SourceInfo) {
  const upright = { width: native.height, height: native.width };
  const ratio = 1 / sampleAspectRatio;
  return { native: upright, display: displaySize(upright, ratio), sampleAspectRatio: ratio };
}

/** Mostly the first picture is good. Where it is not, one ffmpeg looks for one among many. */
function* portions(files: readonly string[]): Generator<readonly string[], void, undefined> {
  for (let [at, size] = [0, 1]; at < files.length; at += size, size = Math.min(256, 4 * size)) {
    yield files.slice(at, at + size);
  }
}

function noneReadable(spec: PicturesSpec): SourceError {
  const [first = ''] = spec.files;
  const { unreadable, runs } = imageRuns([first]);
  const reason = unreadable[0]?.reason ?? notDecoded(first, runs[0]?.codec ?? 'mjpeg');
  const sentence =
    spec.kind === 'image'
      ? `it ${reason}`
      : `none of its ${spec.files.length} pictures can be read; the first, ${basename(first)}, ${reason}`;
  return new SourceError(`the source ${describeSource(spec)} gives no frames: ${sentence}`, 'codec');
}

async function probeOne(
  spec: SourceSpec,
  ffmpeg: Ffmpeg,
  { signal, timeoutMs = 15_000 }: ProbeOptions,
  images?: ImageSequence,
): Promise<SourceInfo> {
  const name = describeSource(spec);
  if (spec.kind === 'file') await refuseUnfit(spec.path);
  if (spec.kind === 'pipe') await awaitPipe(spec, { signal, timeoutMs });
  await knock(spec, { signal, timeoutMs });
  const input = spec.kind === 'pipe' ? spec.feed.look() : undefined;
  const limits = { signal, timeoutMs, input };
  const result = await runFfmpeg(ffmpeg.path, probeArguments(spec, ffmpeg, images), limits);
  signal?.throwIfAborted();
  const lines = result.stderr.split('\n');
  const showinfo = new Showinfo();
  const first = lines.map((line) => showinfo.frame(line)).find((info) => info !== undefined);
  const info = first && parseSourceInfo(result.stderr, first);
  if (info !== undefined) {
    refuseColours(info, name, ffmpeg);
    const told = { ...info, ...transparency(result.stderr, ffmpeg) };
    const upright = images ? info : await withOrientation(told, result.stderr, { spec, ffmpeg, signal, timeoutMs });
    const whole = spec.kind === 'http' ? await withEnd(upright, result.stderr, { spec, signal }) : upright;
    return startOf(spec) > 0 ? await withEntry(whole, { spec, ffmpeg, signal, timeoutMs }) : whole;
  }
  if (result.timedOut) {
    throw new SourceError(
      `the source ${name} must give a frame within ${timeoutMs / 1000} s, but gave none`,
      'timeout',
    );
  }
  if (result.code !== undefined && result.exitCode === undefined) {
    throw new UserError(startFault(ffmpeg.path, result.code));
  }
  // The time limit is no such signal: that was told above.
  if (result.exitCode === undefined) {
    throw new SourceError(`ffmpeg was ended by a signal while it opened ${name}`, 'other');
  }
  throw (spec.kind === 'file' ? await fileFault(spec.path) : undefined) ?? sourceError(spec, errorLines(lines));
}

/** ffmpeg's own decoders of VP8 and VP9 leave out the transparency that WebM tells of. */
function transparency(log: string, { decoders }: Ffmpeg): Pick<SourceInfo, 'alpha' | 'decoder'> {
  const codec = /: Video: (vp[89])\b[^]*\balpha_mode\s*: 1/i.exec(log)?.[1];
  const decoder = codec === 'vp8' ? 'libvpx' : 'libvpx-vp9';
  return codec !== undefined && decoders.has(decoder) ? { alpha: true, decoder } : {};
}

/** Without these filters the picture would come pale and flat, and be taken for something else. */
function refuseColours({ colours }: SourceInfo, name: string, { filters, path }: Ffmpeg): void {
  if (colours === undefined || colourFilters(colours).length === 0) return;
  const missing = colourFilterNames.filter((filter) => !filters.has(filter));
  if (missing.length === 0) return;
  const { transfer, primaries } = colours;
  throw new ConfigurationError(
    `the source ${name} is HDR or of a wide gamut (${transfer}, ${primaries}): ffmpeg ${path} must have the filter ${missing.join(', ')} to show it as a photograph, which this build lacks; get a complete one with: ${installHint()}`,
  );
}

/** Of a part. */
async function withEntry(info: SourceInfo, { spec, ffmpeg, ...limits }: Looking): Promise<SourceInfo> {
  refuseLateStart(spec, info);
  const entry = await partEntry(spec, info, ffmpeg, limits);
  return entry === undefined ? info : { ...info, entry };
}

interface Looking {
  readonly spec: SourceSpec;
  readonly ffmpeg: Ffmpeg;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** Of a stream that says itself how it is turned: the frames that come later do not repeat it. */
async function withOrientation(
  info: SourceInfo,
  log: string,
  { spec, ffmpeg, ...limits }: Looking,
): Promise<SourceInfo> {
  if (info.displayMatrix === true || !turnsFrames(log)) return info;
  const { stderr } = await runFfmpeg(ffmpeg.path, headerArguments(spec, ffmpeg.version), limits);
  limits.signal?.throwIfAborted();
  const orientation = displayOrientation(stderr);
  return orientation === undefined ? { ...info, displayMatrix: true } : { ...info, orientation };
}

/**
 * ffmpeg reads an address as the entry of a playlist (`withoutAddress`), whose own duration it does not know, but tells
 * that of the entry with each frame, in microseconds.
 */
const entryDuration = {
  arguments: ['-segment_time_metadata', '1'],
  filter: 'metadata=print:key=lavf.concatdec.duration',
  pattern: /lavf\.concatdec\.duration=(\d+)/,
};

/** With the duration of what has an end; a live playlist and a camera have none. */
async function withEnd(
  info: SourceInfo,
  log: string,
  { spec, signal }: { readonly spec: { readonly url: string }; readonly signal: AbortSignal | undefined },
): Promise<SourceInfo> {
  const durationSeconds = Number(entryDuration.pattern.exec(log)?.[1] ?? 0) / 1e6;
  if (durationSeconds === 0) return info;
  const limit = AbortSignal.timeout(lengthTimeoutMs);
  const endless = await isEndlessFragments(spec.url, signal ? AbortSignal.any([signal, limit]) : limit);
  signal?.throwIfAborted();
  return endless ? info : { ...info, durationSeconds };
}

function probeArguments(spec: SourceSpec, ffmpeg: Ffmpeg, images?: ImageSequence): string[] {
  return [
    ...logArguments('none'),
    // Also where the first frame says how to turn it: pictures do, and are turned by filters.
    ...(images ? ['-noautorotate'] : []),
    ...('url' in spec ? entryDuration.arguments : []),
    ...inputArguments(spec, images),
    ...['-map', '0:V:0', '-frames:v', '1', '-filter:v', `showinfo=checksum=0,${entryDuration.filter}`],
    ...passthrough(ffmpeg.version),
    ...['-f', 'null', '-'],
  ];
}
