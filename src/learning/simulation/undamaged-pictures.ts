/** Undamaged pictures where no others are at hand: those of the demo video, before it grows dark and hazy. */
import { join } from 'node:path';
import { packageRoot } from '../../domain/package-root.ts';
import { cameraOf, type CameraOptions } from '../data/camera.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { loadFrames, type LoadOptions } from '../data/load-frames.ts';
import type { ColourStatistics } from '../statistics/feature-statistics.ts';
import { closer } from './closer.ts';
import { recoloured } from './simulate.ts';

const demo = join(packageRoot, 'samples/demo.mp4');
/** See `samples/README.md`. */
const [undamagedSeconds, allSeconds] = [18, 25];

/** Of which part of a picture is shown. */
const seed = 1;

/**
 * A cat, a cup and a rocket as the camera would show them, each frame from elsewhere: noise is undone better by a front
 * end that did not learn three photographs by heart. They say nothing of the colours that it sees, so theirs are moved
 * to these. The caller disposes of the set.
 */
export async function undamagedPictures(
  camera: CameraOptions,
  colours: ColourStatistics,
  { limit, ...options }: LoadOptions & { readonly limit: number },
): Promise<FrameSet> {
  const all = Math.ceil((limit * allSeconds) / undamagedSeconds);
  await using frames = await loadFrames(await cameraOf([demo], camera), { ...options, limit: all });
  await using views = await closer({ ...frames, length: Math.min(limit, frames.length) }, seed);
  return await recoloured(views, colours);
}
