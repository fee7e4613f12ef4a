/** H.264 in the form that the camera serves: delimited access units, parameter sets with every key frame. */
import { ffmpeg } from '../support/videos.ts';

export interface ElementaryStream {
  readonly size: string;
  /** A key frame a second. */
  readonly rate?: number;
  readonly seconds?: number;
  /** A video to take the pictures from instead of ffmpeg's moving test picture. */
  readonly from?: string;
}

/** Returns the path. */
export function makeElementaryStream(path: string, { size, rate = 5, seconds = 4, from }: ElementaryStream): string {
  const input = from === undefined ? ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`] : ['-i', from];
  const [width = '', height = ''] = size.split('x');
  ffmpeg(
    ...input,
    ...['-t', String(seconds), '-an', '-vf', `fps=${rate},scale=${width}:${height},format=yuv420p`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(rate)],
    ...['-x264-params', 'aud=1:repeat-headers=1', '-f', 'h264', path],
  );
  return path;
}
