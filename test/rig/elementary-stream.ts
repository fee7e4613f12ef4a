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

/** ffmpeg's arguments of the output: what the camera serves at so many frames a second. */
export function elementary(rate: number, path: string): string[] {
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(rate)];
  return [...coding, '-x264-params', 'aud=1:repeat-headers=1', '-f', 'h264', path];
}

/** Returns the path. */
export function makeElementaryStream(path: string, { size, rate = 5, seconds = 4, from }: ElementaryStream): string {
  const input = from === undefined ? ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`] : ['-i', from];
  const [width = '', height = ''] = size.split('x');
  ffmpeg(
    ...input,
    ...['-t', String(seconds), '-an', '-vf', `fps=${rate},scale=${width}:${height},format=yuv420p`],
    ...elementary(rate, path),
  );
  return path;
}
