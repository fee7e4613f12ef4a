/** The whole command line of a decoder. */
import { type FfmpegVersion, isAtLeast } from '../ffmpeg/version.ts';
import { filterChain, steadyTime, type FilterOptions } from './filters.ts';
import { downloadFilters, hardwareArguments, type HardwareRequest } from './hardware.ts';
import { type ImageSequence, inputArguments } from './input-arguments.ts';
import type { SourceInfo } from '../source/source-info.ts';
import { partOf, startOf } from '../source/parted-source.ts';
import type { SourceSpec } from '../source/source-spec.ts';

export interface DecodeOptions extends FilterOptions {
  readonly spec: SourceSpec;
  /** Reads a file at its own pace instead of as fast as it goes. */
  readonly realtime?: boolean | undefined;
  readonly hardware?: HardwareRequest | undefined;
  readonly ffmpegVersion: FfmpegVersion;
  /** For pictures: where they lie under numbers. */
  readonly images?: ImageSequence | undefined;
}

/**
 * Raw planar frames go to stdout, one line per frame and all messages to stderr.
 * The result may hold a password: print it only through `redact`.
 */
export function decodeArguments(options: DecodeOptions): string[] {
  const { spec, info, hardware = 'none' } = options;
  const filters = [
    ...downloadFilters(hardware, info),
    ...(spec.live ? [steadyTime] : []),
    // ffmpeg counts from there: presentation times stay those of the whole file.
    ...(info.entry ? [`setpts=PTS+round(${info.entry.shiftSeconds.toFixed(9)}/TB)`] : []),
    ...partFilters(options),
    ...filterChain(options),
  ];
  const isPaced = options.realtime === true && !spec.live && startOf(spec) === 0;
  return [
    ...logArguments(hardware),
    ...orientationArguments(info),
    ...hardwareArguments(hardware, info),
    ...(info.decoder !== undefined && hardware === 'none' ? ['-c:v', info.decoder] : []),
    // With more threads a live frame waits for those after it, one for each, in 20 MiB more.
    ...(spec.live ? ['-threads', '1'] : []),
    ...(isPaced ? ['-re'] : []),
    // From the key frame on: where frames are missing is seen by those before.
    ...(info.entry ? ['-noaccurate_seek', '-ss', String(info.entry.seconds)] : []),
    ...inputArguments(spec, options.images),
    ...['-map', '0:V:0', '-an', '-sn', '-dn'],
    ...['-filter:v', filters.join(',')],
    ...passthrough(options.ffmpegVersion),
    ...['-c:v', 'rawvideo', '-pix_fmt', 'gbrp', '-f', 'rawvideo', 'pipe:1'],
  ];
}

/**
 * What the container says is left to ffmpeg: no line of its log tells a mirrored display matrix from a plain one. Pictures
 * are turned by filters, since most decoders do not read what these say.
 */
export function orientationArguments({ displayMatrix = false }: Pick<SourceInfo, 'displayMatrix'>): string[] {
  return displayMatrix ? [] : ['-noautorotate'];
}

/**
 * Ends ffmpeg a little behind a part: what is still too much is for the reader, who knows times to the microsecond. At
 * its own pace the time begins with the part, not with what is decoded to come there.
 */
function partFilters({ spec, info, realtime = false, framesPerSecond = Infinity }: DecodeOptions): string[] {
  const part = partOf(spec);
  if (part === undefined) return [];
  const start = startOf(spec);
  // Time stamps may be whole frames, and a rate is made of those around it.
  const end = start + part.durationSeconds + 1 / (info.frameRate ?? 1) + 1 / framesPerSecond;
  return [
    ...(Number.isFinite(end) ? [`trim=end=${end.toFixed(6)}`] : []),
    ...(realtime && start > 0 ? [`select='isnan(t)+gte(t,${start.toFixed(6)})'`, 'realtime=limit=3600'] : []),
  ];
}

/** `repeat`: every error is one line, so that they can be counted. */
export function logArguments(hardware: HardwareRequest): string[] {
  const level = hardware === 'none' ? 'info' : 'verbose';
  return ['-hide_banner', '-nostdin', '-nostats', '-loglevel', `repeat+level+${level}`];
}

/** Frames come out as they went in: none is doubled or dropped to make the rate even. */
export function passthrough(version: FfmpegVersion): string[] {
  return [isAtLeast(version, [5, 1]) ? '-fps_mode' : '-vsync', 'passthrough'];
}
