/** Which frames are fitted on, and which only judge. */

export interface Split {
  readonly fit: readonly number[];
  readonly held: readonly number[];
}

/**
 * Every third frame is held out: the order of the material is kept, so that both parts have all of its scenes
 * and, of labelled folders, all of its classes.
 */
export function splitFrames(frames: number): Split {
  const all = Array.from({ length: frames }, (_, i) => i);
  return { fit: all.filter((i) => i % 3 !== 2), held: all.filter((i) => i % 3 === 2) };
}
