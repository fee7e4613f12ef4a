/** Which frames of the sources are taken, when there is room for a few only. */
import { isPictures, type SourceSpec } from '../../video/source/source-spec.ts';
import type { Material } from './camera.ts';
import { shares, spread } from './spread.ts';

/** A part of one source. */
export interface Portion {
  readonly material: Material;
  /** With the chosen files only, where the source is pictures. */
  readonly spec: SourceSpec;
  /** Undefined: every frame. */
  readonly framesPerSecond: number | undefined;
  /** At most so many frames. */
  readonly count: number;
}

/** Where neither a rate nor a duration is known, one frame a second is taken. */
const blindRate = 1;

/** A stream without end is watched for so long. */
const liveSeconds = 60;

/** `limit` frames over all sources, as many from each as it has its share in them; pictures at random places. */
export function portions(materials: readonly Material[], limit: number, random: () => number): Portion[] {
  const counts = shareOut(materials.map(frameCount), limit);
  return materials.map((material, i) => {
    const count = counts[i] ?? 0;
    const { spec, info } = material;
    if (isPictures(spec)) {
      const files = spread(spec.files.length, count, random).map((index) => spec.files[index] ?? '');
      return { material, spec: { ...spec, files }, framesPerSecond: undefined, count: files.length };
    }
    const seconds = spec.live ? liveSeconds : info.durationSeconds;
    const wanted = seconds === undefined ? blindRate : count / seconds;
    const framesPerSecond = info.frameRate !== undefined && wanted >= info.frameRate ? undefined : wanted;
    return { material, spec, framesPerSecond, count };
  });
}

/** Never more from a source than it has. */
function shareOut(frames: readonly number[], limit: number): number[] {
  const total = frames.reduce((sum, count) => sum + count, 0);
  return total <= limit ? [...frames] : shares(frames, limit);
}

function frameCount({ spec, info }: Material): number {
  if (isPictures(spec)) return spec.files.length;
  const { frameRate = 25, durationSeconds } = info;
  return Math.max(1, Math.round(frameRate * (spec.live ? liveSeconds : (durationSeconds ?? liveSeconds))));
}
