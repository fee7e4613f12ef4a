/** How much of what a container says it holds has come. */
import type { Seen } from '../../domain/frame.ts';
import type { SourceInfo } from '../source/source-info.ts';

interface Came {
  readonly frames: number;
  /** End of the last frame. */
  readonly endSeconds: number;
  /** ffmpeg logged an error, or a loss. */
  readonly complained: boolean;
  /** Pictures that were lost or damaged, as ffmpeg says. */
  readonly losses: number;
  /** Intervals between frames that are as the rate says. */
  readonly steadyIntervals: number;
  /** A filter that keeps a rate fills holes: frames are not counted then. */
  readonly framesPerSecond: number | undefined;
}

const mostMissingSeconds = 1;
const mostMissingShare = 0.01;
/** From here on the rate is taken for one that does not change. */
const steadyShare = 0.95;

/**
 * Undefined where no duration is known. Sound may be longer than the picture and a last frame may stay: without a
 * complaint of ffmpeg nothing is missing, but for holes in a transport stream of a steady rate.
 */
export function seenOf(
  { durationSeconds, durationIsEstimate, frameRate, isTransportStream = false }: SourceInfo,
  { frames, endSeconds, complained, losses, steadyIntervals, framesPerSecond }: Came,
): Seen | undefined {
  if (durationSeconds === undefined || durationIsEstimate === true) return undefined;
  const toEnd = Math.min(endSeconds, durationSeconds);
  const isSteady = steadyIntervals >= steadyShare * (frames - 1);
  const hasHoles = isTransportStream && isSteady;
  if (!complained && !hasHoles) return { seconds: toEnd, durationSeconds, complete: true };
  // Intervals of a rate that varies are no holes; losses make no more of these than there are losses.
  const hasRate = isSteady || frames - 1 - steadyIntervals <= losses;
  const counted = hasRate && framesPerSecond === undefined && frameRate !== undefined;
  // The end of the last frame: what holes there are lie before it.
  const missing = counted ? Math.max(0, Math.round(toEnd * frameRate) - frames) : 0;
  const seconds = counted ? Math.min(toEnd, frames / frameRate) : toEnd;
  const tooMany = counted && missing > Math.max(1, mostMissingShare * durationSeconds * frameRate);
  // Without a complaint, what is missing at the end may be sound that is longer. A transport stream has its duration from
  // its own last packet, so that a cut does not show; a jump of its clock would.
  const isCut = complained && !isTransportStream && durationSeconds - toEnd > mostMissingSeconds;
  return { seconds, durationSeconds, complete: !isCut && !tooMany };
}
