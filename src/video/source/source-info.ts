/** What a source is, as ffmpeg describes it when it opens it. */
import type { Size } from '../../domain/frame.ts';
import { type Colours, parseColours } from '../decode/colours.ts';
import type { FrameInfo } from '../decode/showinfo.ts';
import { hasAlpha } from '../picture/alpha.ts';
import type { Orientation } from '../picture/orientation.ts';

export interface SourceInfo {
  /** ffmpeg's name of the codec. */
  readonly codec: string;
  readonly pixelFormat: string;
  /** Size of the decoded picture, upright, in its own pixels. */
  readonly native: Size;
  /** The same in square pixels: what a player shows. */
  readonly display: Size;
  /** Where the container says how to turn or mirror each frame: ffmpeg does so itself, before all filters. */
  readonly displayMatrix?: boolean;
  /** How pictures and H.264 or HEVC are stored, where they say it themselves. */
  readonly orientation?: Orientation;
  /** It may be transparent in parts. */
  readonly alpha?: boolean;
  /** ffmpeg's name of the decoder, where its own choice would leave the transparency out. */
  readonly decoder?: string;
  /** Of the first frame. */
  readonly colours?: Colours;
  /** Width of a pixel over its height, upright. */
  readonly sampleAspectRatio: number;
  /** Frames per second; undefined for pictures and where the stream does not say. */
  readonly frameRate?: number;
  /** Undefined for live streams and pictures. */
  readonly durationSeconds?: number;
  /** When it was recorded, as its container says: wall clock, milliseconds since 1970. */
  readonly createdAt?: number;
  /** Of MPEG: what is lost of it leaves a hole, and no word. */
  readonly isTransportStream?: boolean;
  /** From the bit rate, which says little. */
  readonly durationIsEstimate?: boolean;
  readonly hasAudio: boolean;
  /** Where it is entered so that its part begins with whole pictures; at its beginning by default. */
  readonly entry?: Entry;
  /** For pictures: how many there are. */
  readonly imageCount?: number;
}

/** A place at which a file is entered. */
export interface Entry {
  /** Whole, from the beginning. */
  readonly seconds: number;
  /** What is added to the time stamps that ffmpeg makes from there on. */
  readonly shiftSeconds: number;
}

/** Reads the description that ffmpeg writes of its input; undefined where no video stream is decoded. */
export function parseSourceInfo(log: string, first: FrameInfo): SourceInfo | undefined {
  const input = log.slice(log.indexOf('Input #0'), indexOrEnd(log, 'Stream mapping:'));
  const index = /Stream #0:(\d+) -> #0:0/.exec(log)?.[1];
  // The stream's own line, and what is said of it until the next stream's line.
  const [stream] = new RegExp(`Stream #0:${index ?? '\\d+'}[^\\n]*: Video: (?:(?!Stream #0:)[^])*`).exec(input) ?? [];
  const codec = /: Video: (\w+)/.exec(stream ?? '')?.[1];
  if (stream === undefined || codec === undefined) return undefined;
  const frameRate = Number(/, ([\d.]+k?) fps/.exec(stream)?.[1]?.replace('k', '000') ?? Number.NaN);
  // Matroska tells that of the picture as well; of the whole, sound may be the longest.
  const duration = [
    /\bDURATION +: (\d+):(\d+):([\d.]+)/.exec(stream),
    /Duration: (\d+):(\d+):([\d.]+)/.exec(input),
  ].find((match) => match !== null);
  const colours = parseColours(log);
  const createdAt = creationTime(input.slice(0, indexOrEnd(input, 'Duration:'))) ?? creationTime(stream);
  return {
    codec,
    pixelFormat: first.pixelFormat,
    native: first.native,
    display: displaySize(first.native, first.sampleAspectRatio),
    ...(hasAlpha(first.pixelFormat) ? { alpha: true } : {}),
    ...(colours ? { colours } : {}),
    ...(hasDisplayMatrix(stream) ? { displayMatrix: true } : {}),
    sampleAspectRatio: first.sampleAspectRatio,
    ...(frameRate > 0 ? { frameRate } : {}),
    ...(duration
      ? { durationSeconds: Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3]) }
      : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(input.includes('Input #0, mpegts,') ? { isTransportStream: true } : {}),
    ...(log.includes('Estimating duration from bitrate') ? { durationIsEstimate: true } : {}),
    hasAudio: hasAudio(input),
  };
}

/** A clock that was never set stands at the beginning of 1904 or of 1970. */
const setSince = Date.UTC(1971, 0);

/** Only where it is said in UTC: any other time could be of any place. */
function creationTime(metadata: string): number | undefined {
  const [, text = ''] = /^(?:\[info\] )? +creation_time +: (\d{4}-\d\d-\d\dT[\d:.]+Z)$/m.exec(metadata) ?? [];
  const time = Date.parse(text);
  return time >= setSince ? time : undefined;
}

/** Whether there is sound, in ffmpeg's description of a file. */
export function hasAudio(log: string): boolean {
  return /Stream #0:\d+[^\n]*: Audio: /.test(log);
}

/** In square pixels: the width is stretched by the ratio. */
export function displaySize({ width, height }: Size, sampleAspectRatio: number): Size {
  return { width: Math.max(1, Math.round(width * sampleAspectRatio)), height };
}

/** ffmpeg prints its angle, which hides a mirror: "rotation of -0.00 degrees" may be upside down. */
export function hasDisplayMatrix(stream: string): boolean {
  return stream.includes('displaymatrix: rotation of');
}

function indexOrEnd(text: string, part: string): number {
  const index = text.indexOf(part);
  return index < 0 ? text.length : index;
}
