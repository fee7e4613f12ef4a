/** A part of a source, by presentation time. */
export interface Part {
  /** Where it begins, seconds from the beginning of the source. */
  readonly startSeconds: number;
  /** Infinite: to the end. */
  readonly durationSeconds: number;
}

/** Times are compared as they are written: to the microsecond. */
const microseconds = (seconds: number) => Math.round(seconds * 1e6);

/** Of a frame with this presentation time; what is at the end of the part is behind it. */
export function placeIn(part: Part, seconds: number): 'before' | 'inside' | 'behind' {
  const { startSeconds, durationSeconds } = part;
  if (microseconds(seconds) < microseconds(startSeconds)) return 'before';
  return microseconds(seconds) < microseconds(startSeconds + durationSeconds) ? 'inside' : 'behind';
}

/** Seconds of the part that there can be; undefined where neither the source nor the part has a known end. */
export function partLength(part: Part | undefined, sourceSeconds: number | undefined): number | undefined {
  const { startSeconds, durationSeconds } = part ?? { startSeconds: 0, durationSeconds: Infinity };
  const length = Math.min(durationSeconds, (sourceSeconds ?? Infinity) - startSeconds);
  return Number.isFinite(length) ? length : undefined;
}
