/** Whether frames can teach anything: looked at before anything is fitted. */
import type { Observation } from '../statistics/observe.ts';

/** Fewer frames than this say too little about a camera. */
export const fewestFrames = 50;
/** Standard deviation of pixels, 0 to 1, below which a frame shows nothing. */
const blankContrast = 1.5 / 255;
/** The same, as a share of the contrast that a quarter of the frames exceed. */
const blankShare = 0.25;
/** Share of the frames that may be blank. */
const mostBlank = 0.1;
/**
 * Variety below which all frames show one scene: one picture with small shifts has 0.0001, a fixed camera over a
 * conveyor 0.01, photographs through any of the measured faults 0.07 and more.
 */
const oneScene = 0.03;

/** Why nothing should be fitted to these frames; undefined where nothing speaks against it. */
export function sceneProblem(
  { frames, contrasts, variety }: Pick<Observation, 'frames' | 'contrasts' | 'variety'>,
  { totalFrames, target }: { readonly totalFrames: number; readonly target: 'labels' | 'baseline' | 'card' },
): string | undefined {
  if (totalFrames < fewestFrames) {
    return `there must be at least ${fewestFrames} frames, there are ${totalFrames}; give more material`;
  }
  const sorted = contrasts.toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(0.75 * sorted.length)] ?? 0;
  const blank = contrasts.filter((contrast) => contrast < Math.max(blankContrast, blankShare * usual)).length;
  if (blank > mostBlank * frames) {
    return `${blank} of ${frames} frames that were looked at show nothing; uncover the lens, or give other material`;
  }
  if (target === 'card' && variety < oneScene) {
    return (
      'all frames show one scene, whose own colours cannot be told from a fault of the camera; ' +
      'record a baseline of this stream in its good time (--record-baseline), or give frames of several scenes'
    );
  }
  return undefined;
}
