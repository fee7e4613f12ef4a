/** What a camera does to what it sees, as far as its own frames tell. */
import { Autocovariance } from '../closed-form/autocovariance.ts';
import { noiseCovariance } from '../closed-form/wiener.ts';
import type { FrameSet } from '../data/frame-set.ts';
import type { ColourStatistics } from '../statistics/feature-statistics.ts';

export interface CameraModel {
  /** Of the grid's pixels R, G, B, 0 to 1, without the noise. */
  readonly colours: ColourStatistics;
  /** Covariance of the channels' noise, white in place. */
  readonly noise: readonly (readonly number[])[];
}

/** Every so many pixels suffice for colours. */
const step = 7;
const channels = [0, 1, 2] as const;

/** Of the frames with these indices: two dozen say enough. */
export async function cameraModel(
  frames: Pick<FrameSet, 'grid' | 'read'>,
  indices: readonly number[],
): Promise<CameraModel> {
  const noise = noiseCovariance(await Autocovariance.of(frames, indices));
  const sums = new Float64Array(3);
  const products = new Float64Array(9);
  const plane = frames.grid.width * frames.grid.height;
  for (const index of indices) {
    const frame = await frames.read(index);
    for (let at = 0; at < plane; at += step) {
      // gbrp: R, G, B are the planes 2, 0, 1.
      const pixel = [frame[2 * plane + at] ?? 0, frame[at] ?? 0, frame[plane + at] ?? 0];
      for (const a of channels) {
        sums[a] = (sums[a] ?? 0) + (pixel[a] ?? 0) / 255;
        for (const b of channels) {
          products[3 * a + b] = (products[3 * a + b] ?? 0) + ((pixel[a] ?? 0) * (pixel[b] ?? 0)) / 255 ** 2;
        }
      }
    }
  }
  const count = indices.length * Math.ceil(plane / step);
  const means = Array.from(sums, (sum) => sum / count);
  const covariance = channels.map((a) =>
    channels.map((b) => {
      const all = (products[3 * a + b] ?? NaN) / count - (means[a] ?? NaN) * (means[b] ?? NaN);
      return all - (noise[a]?.[b] ?? NaN);
    }),
  );
  return { colours: { mean: means, covariance }, noise };
}
