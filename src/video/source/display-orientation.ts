/** The orientation that an H.264 or HEVC stream itself carries, in a message that ffmpeg forgets at the next frame. */
import type { FfmpegVersion } from '../ffmpeg/version.ts';
import { logArguments, passthrough } from '../decode/arguments.ts';
import { inputArguments } from '../decode/input-arguments.ts';
import type { Orientation } from '../picture/orientation.ts';
import type { SourceSpec } from './source-spec.ts';

/** Whether ffmpeg turned the first frame by what the stream says, not its container. */
export function turnsFrames(log: string): boolean {
  return log.includes('side data - displaymatrix: rotation of');
}

/** Prints the headers of the first frames as they are stored. */
export function headerArguments(spec: SourceSpec, version: FfmpegVersion): string[] {
  return [
    ...logArguments('none'),
    ...inputArguments(spec),
    ...['-map', '0:V:0', '-frames:v', '10', '-c', 'copy', '-bsf:v', 'trace_headers'],
    ...passthrough(version),
    ...['-f', 'null', '-'],
  ];
}

/** By quarters of a turn, counterclockwise, after the mirror. */
const plain = [1, 8, 3, 6] as const;
const mirrored = [2, 5, 4, 7] as const;

/**
 * Undefined where the message is not among the headers.
 *
 * Reference: ITU-T H.264, D.2.27 (display orientation).
 */
export function displayOrientation(log: string): Orientation | undefined {
  const [horizontal, vertical, angle] = ['hor_flip', 'ver_flip', 'anticlockwise_rotation'].map((name) =>
    Number(new RegExp(`${name}\\s+[01]+ = (\\d+)`).exec(log)?.[1] ?? Number.NaN),
  );
  if (horizontal === undefined || vertical === undefined || angle === undefined) return undefined;
  // A mirror up and down is one left and right and half a turn.
  const quarters = (Math.round(angle / 16_384) + 2 * vertical) % 4;
  return (horizontal === vertical ? plain : mirrored)[quarters];
}
