/** Reads the lines in which ffmpeg's filter showinfo describes a frame. */
import type { Size } from '../../domain/frame.ts';

export interface FrameInfo {
  /** Undefined where the stream has no time stamps. */
  readonly presentationSeconds: number | undefined;
  /** Size of the upright picture, before the sample aspect ratio. */
  readonly native: Size;
  readonly sampleAspectRatio: number;
  readonly pixelFormat: string;
}

const line =
  /^\[(?:showinfo|Parsed_showinfo)\S* @ [^\]]*\] (?:\[info\] )?n: *\d+ pts: *(?:-?\d+|NOPTS) +pts_time:(\S+) .*?fmt:(\S+) .*?sar:(\d+)\/(\d+) s:(\d+)x(\d+)/;

/** Undefined for every other line. */
export function parseShowinfo(text: string): FrameInfo | undefined {
  const match = line.exec(text);
  if (!match) return undefined;
  const [, time = '', pixelFormat = '', numerator, denominator, width, height] = match;
  const seconds = Number(time);
  const ratio = Number(numerator) / Number(denominator);
  return {
    presentationSeconds: Number.isFinite(seconds) ? seconds : undefined,
    native: { width: Number(width), height: Number(height) },
    // 0/1 says that it is not known: square, as every player takes it.
    sampleAspectRatio: ratio > 0 && Number.isFinite(ratio) ? ratio : 1,
    pixelFormat,
  };
}
