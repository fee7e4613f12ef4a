/** Undamaged pictures as a camera would show them: pairs from which a front end learns to undo it. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { colourTransport } from '../closed-form/colour-transport.ts';
import { allOf, storedFrames, type FrameSet } from '../data/frame-set.ts';
import { spreadOver } from '../data/spread.ts';
import { seededRandom } from '../random.ts';
import type { ColourStatistics } from '../statistics/feature-statistics.ts';
import { cameraModel, type CameraModel } from './camera-model.ts';

/** Pictures that the simulated camera is adjusted on, and how often: clipping takes away some of the noise. */
const [adjustedOn, rounds] = [12, 4];

/**
 * Each picture with its colours moved to the camera's, the camera's noise added, and rounded to bytes; the noise is
 * decided by the seed. The caller disposes of the set.
 */
export async function simulated(
  pictures: Pick<FrameSet, 'grid' | 'read' | 'length'>,
  wanted: CameraModel,
  seed: number,
): Promise<FrameSet> {
  const some = someOf(pictures);
  const undamaged = await cameraModel(pictures, some);
  let aim = wanted;
  for (let round = 1; round < rounds; round++) {
    await using tried = await shown(pictures, some, through(undamaged, aim), seed);
    aim = adjusted(aim, wanted, await cameraModel(tried, allOf(tried)));
  }
  return await shown(pictures, allOf(pictures), through(undamaged, aim), seed);
}

/** Each picture, the colours of all of them moved to these. */
export async function recoloured(
  pictures: Pick<FrameSet, 'grid' | 'read' | 'length'>,
  colours: ColourStatistics,
): Promise<FrameSet> {
  const undamaged = await cameraModel(pictures, someOf(pictures));
  return await shown(pictures, allOf(pictures), colourTransport(undamaged.colours, colours), 0);
}

function someOf(pictures: Pick<FrameSet, 'length'>): number[] {
  return spreadOver(allOf(pictures), adjustedOn);
}

/** x → matrix · x + offset + root · n, n standard normal; without a root there is no noise. */
interface Camera {
  readonly matrix: readonly (readonly number[])[];
  readonly offset: readonly number[];
  readonly root?: readonly (readonly number[])[];
}

function through(undamaged: CameraModel, { colours, noise }: CameraModel): Camera {
  return { ...colourTransport(undamaged.colours, colours), root: rootOf(noise) };
}

function shown(
  pictures: Pick<FrameSet, 'grid' | 'read'>,
  indices: readonly number[],
  camera: Camera,
  seed: number,
): Promise<FrameSet> {
  async function* throughCamera() {
    for (const index of indices) yield pictureThrough(await pictures.read(index), camera, seed, index);
  }
  return storedFrames(pictures.grid, throughCamera());
}

/** Planes G, B, R. */
function pictureThrough(picture: Uint8Array, { matrix, offset, root }: Camera, seed: number, index: number) {
  const plane = picture.length / 3;
  const normal = root ? seededRandom(seed, index).normal : () => 0;
  const [m, k] = [matrix.flat(), root?.flat() ?? []] as const;
  const result = new Uint8Array(picture.length);
  for (let at = 0; at < plane; at++) {
    const [r, g, b] = [picture[2 * plane + at] ?? 0, picture[at] ?? 0, picture[plane + at] ?? 0];
    const n0 = normal();
    const n1 = normal();
    const n2 = normal();
    for (let channel = 0; channel < 3; channel++) {
      const row = 3 * channel;
      const mapped = (m[row] ?? 0) * r + (m[row + 1] ?? 0) * g + (m[row + 2] ?? 0) * b;
      const noise = (k[row] ?? 0) * n0 + (k[row + 1] ?? 0) * n1 + (k[row + 2] ?? 0) * n2;
      const value = mapped + 255 * ((offset[channel] ?? 0) + noise);
      result[((channel + 2) % 3) * plane + at] = Math.round(Math.min(255, Math.max(0, value)));
    }
  }
  return result;
}

/** What to aim at next, when `seen` came of aiming at `aim`. */
function adjusted(aim: CameraModel, wanted: CameraModel, seen: CameraModel): CameraModel {
  const noise = scaled(aim.noise, growth(wanted.noise, seen.noise));
  const covariance = scaled(aim.colours.covariance, growth(wanted.colours.covariance, seen.colours.covariance));
  const mean = aim.colours.mean.map(
    (value, i) => value + (wanted.colours.mean[i] ?? NaN) - (seen.colours.mean[i] ?? NaN),
  );
  return { colours: { mean, covariance }, noise };
}

/** Per channel, of deviations; within a half and twice, so that it settles. */
function growth(wanted: CameraModel['noise'], seen: CameraModel['noise']): number[] {
  return wanted.map((row, i) => {
    const [to = 0, from = 0] = [row[i], seen[i]?.[i]];
    return to <= 0 || from <= 0 ? 1 : Math.min(2, Math.max(0.5, Math.sqrt(to / from)));
  });
}

function scaled(covariance: CameraModel['noise'], by: readonly number[]): number[][] {
  return covariance.map((row, i) => row.map((value, j) => value * (by[i] ?? NaN) * (by[j] ?? NaN)));
}

/** The symmetric root of the nearest covariance. */
function rootOf(covariance: CameraModel['noise']): number[][] {
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(
    new Matrix(covariance.map((row) => [...row])),
    { assumeSymmetric: true },
  );
  const roots = Matrix.diag(values.map((value) => Math.sqrt(Math.max(0, value))));
  return vectors.mmul(roots).mmul(vectors.transpose()).to2DArray();
}
