/** ffmpeg's arguments for a copy of a video with text and frames drawn in: the one place for them. */
import type { Rectangle, Size } from '../../domain/frame.ts';
import { logArguments, orientationArguments } from '../decode/arguments.ts';
import { orientationFilters, photographFilters } from '../decode/filters.ts';
import { inputArguments } from '../decode/input-arguments.ts';
import type { SourceInfo } from '../source/source-info.ts';
import type { SourceSpec } from '../source/source-spec.ts';

/** What ffmpeg finds in its working directory: the filter's quoting would have to survive two parsers. */
export const cueFile = 'cues.ass';

/** What is drawn around, in pixels of the upright picture of this size. */
export interface Frames {
  readonly rectangles: readonly Rectangle[];
  readonly display: Size;
}

export type Stored = Pick<SourceInfo, 'displayMatrix' | 'orientation' | 'alpha' | 'colours'>;

/** How picture and sound get into the container. */
export interface Way {
  readonly video: readonly string[];
  /** `copied` as it is, `encoded` anew as the container likes it, or `none`. */
  readonly sound: 'copied' | 'encoded' | 'none';
}

/** The ways that an ffmpeg with these encoders has, the best first. */
export function waysOf(encoders: ReadonlySet<string>): Way[] {
  const videos = [
    ...(encoders.has('libx264')
      ? [['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p']]
      : []),
    ...(encoders.has('libvpx-vp9')
      ? [['-c:v', 'libvpx-vp9', '-crf', '32', '-b:v', '0', '-deadline', 'realtime', '-cpu-used', '6', '-row-mt', '1']]
      : []),
    ['-c:v', 'mpeg4', '-q:v', '3', '-pix_fmt', 'yuv420p'],
    // Whatever the container is made with by default.
    ['-q:v', '3'],
  ];
  const sounds = ['copied', 'encoded', 'none'] as const;
  return videos.flatMap((video) => sounds.map((sound) => ({ video, sound })));
}

const soundArguments: Readonly<Record<Way['sound'], readonly string[]>> = {
  copied: ['-map', '0:a?', '-c:a', 'copy'],
  encoded: ['-map', '0:a?'],
  none: ['-an'],
};

/** A part of the input, seconds. */
export interface Cut {
  /** A place from which on all frames of the part can be decoded. Times of cues count from it. */
  readonly entrySeconds: number;
  readonly startSeconds: number;
  /** Infinite: to the end. */
  readonly durationSeconds: number;
}

export interface AnnotateArguments {
  readonly input: SourceSpec;
  readonly output: string;
  readonly way: Way;
  readonly frames?: Frames | undefined;
  /** How the picture is stored: it is shown as the classifier sees it; by ffmpeg alone where nothing is said. */
  readonly info?: Stored | undefined;
  /** What is copied; the whole by default. */
  readonly cut?: Cut | undefined;
}

/** The picture is upright, in the colours of photographs, before anything is drawn; the copy says so. */
export function annotateArguments({ input, output, way, frames, info, cut }: AnnotateArguments): string[] {
  const { entrySeconds = 0, startSeconds = 0, durationSeconds = Infinity } = cut ?? {};
  const seconds = (value: number) => value.toFixed(6);
  const filters = [
    ...orientationFilters[info?.orientation ?? 1],
    ...(info ? ordinaryFilters(info) : []),
    ...(frames ? frames.rectangles.map((rectangle) => frameFilter(rectangle, frames.display)) : []),
    `ass=${cueFile}`,
    // Encoders of 4:2:0 take whole pairs of rows and columns only.
    "pad=w='ceil(iw/2)*2':h='ceil(ih/2)*2'",
  ];
  return [
    ...logArguments('none'),
    ...(info ? orientationArguments(info) : []),
    ...(entrySeconds > 0 ? ['-ss', seconds(entrySeconds)] : []),
    ...inputArguments(input),
    ...['-map', '0:V:0', ...soundArguments[way.sound], '-filter:v', filters.join(',')],
    ...way.video,
    ...(startSeconds > entrySeconds ? ['-ss', seconds(startSeconds - entrySeconds)] : []),
    ...(Number.isFinite(durationSeconds) ? ['-t', seconds(durationSeconds)] : []),
    ...['-y', `file:${output}`],
  ];
}

/** Players would take HDR's curve and gamut off once more, by what the frames still say of themselves. */
function ordinaryFilters(info: Stored): string[] {
  const filters = photographFilters(info);
  if (filters.length === 0) return [];
  const said = 'setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709';
  return [...filters, 'scale=out_color_matrix=bt709:out_range=tv', 'format=yuv420p', said, 'sidedata=mode=delete'];
}

/** Of the size that comes in, whose pixels need not be square. */
function frameFilter({ x, y, width, height }: Rectangle, display: Size): string {
  const across = (pixels: number) => `'iw*${pixels}/${display.width}'`;
  const down = (pixels: number) => `'ih*${pixels}/${display.height}'`;
  const thickness = "'max(1,ih/360)'";
  return `drawbox=x=${across(x)}:y=${down(y)}:w=${across(width)}:h=${down(height)}:color=white@0.7:t=${thickness}`;
}
