/** What a source is, as ffmpeg describes it when it opens it. */
import type { Size } from '../../domain/frame.ts';
import type { FrameInfo } from '../decode/showinfo.ts';

/** Degrees by which the picture is turned clockwise to stand upright. */
export type Rotation = 0 | 90 | 180 | 270;

export interface SourceInfo {
  /** ffmpeg's name of the codec. */
  readonly codec: string;
  readonly pixelFormat: string;
  /** Coded size, pixels. */
  readonly native: Size;
  /** Size in square pixels, upright: what a player shows. */
  readonly display: Size;
  readonly rotation: Rotation;
  /** Width of a coded pixel over its height. */
  readonly sampleAspectRatio: number;
  /** Frames per second; undefined for pictures and where the stream does not say. */
  readonly frameRate?: number;
  /** Undefined for live streams and pictures. */
  readonly durationSeconds?: number;
  readonly hasAudio: boolean;
  /** For pictures: how many there are. */
  readonly imageCount?: number;
}

/** Reads the description that ffmpeg writes of its input; undefined where no video stream is decoded. */
export function parseSourceInfo(log: string, first: FrameInfo): SourceInfo | undefined {
  const input = log.slice(log.indexOf('Input #0'), indexOrEnd(log, 'Stream mapping:'));
  const index = /Stream #0:(\d+) -> #0:0/.exec(log)?.[1];
  // The stream's own line, and what is said of it until the next stream's line.
  const [stream] = new RegExp(`Stream #0:${index ?? '\\d+'}[^\\n]*: Video: (?:(?!Stream #0:)[^])*`).exec(input) ?? [];
  const codec = /: Video: (\w+)/.exec(stream ?? '')?.[1];
  if (stream === undefined || codec === undefined) return undefined;
  const rotation = parseRotation(stream);
  const frameRate = Number(/, ([\d.]+k?) fps/.exec(stream)?.[1]?.replace('k', '000') ?? Number.NaN);
  const duration = /Duration: (\d+):(\d+):([\d.]+)/.exec(input);
  return {
    codec,
    pixelFormat: first.pixelFormat,
    native: first.native,
    display: displaySize(first.native, rotation, first.sampleAspectRatio),
    rotation,
    sampleAspectRatio: first.sampleAspectRatio,
    ...(frameRate > 0 ? { frameRate } : {}),
    ...(duration
      ? { durationSeconds: Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3]) }
      : {}),
    hasAudio: /Stream #0:\d+[^\n]*: Audio: /.test(input),
  };
}

/** Upright size in square pixels: the coded width is stretched by the ratio, then both are turned. */
export function displaySize(native: Size, rotation: Rotation, sampleAspectRatio: number): Size {
  const width = Math.max(1, Math.round(native.width * sampleAspectRatio));
  return rotation % 180 === 0 ? { width, height: native.height } : { width: native.height, height: width };
}

/** The display matrix turns counterclockwise; ffmpeg prints −90 for a phone held upright. */
function parseRotation(stream: string): Rotation {
  const angle = Number(/rotation of (-?[\d.]+) degrees/.exec(stream)?.[1] ?? 0);
  const clockwise = (((Math.round(-angle / 90) * 90) % 360) + 360) % 360;
  return clockwise as Rotation;
}

function indexOrEnd(text: string, part: string): number {
  const index = text.indexOf(part);
  return index < 0 ? text.length : index;
}
