/** Degradations of a camera by name and severity 1 to 5. */
import { UsageError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Random } from '../random.ts';
import { defocusBlur, gaussianBlur, motionBlur } from './blur.ts';
import { jpeg } from './jpeg.ts';
import { contrast, haze, lowLight, overExposure, tint, vignetting } from './light.ts';
import { gaussianNoise, impulseNoise, sensorNoise, shotNoise } from './noise.ts';
import type { Picture } from './picture.ts';

export type Severity = 1 | 2 | 3 | 4 | 5;

type Corrupt = (picture: Picture, random: Random) => Picture;

/** ImageNet-C defines radii for photographs whose shorter side is 256 pixels (224 are cut out of it afterwards). */
function perSide({ width, height }: Picture): number {
  return Math.min(width, height) / 256;
}

/** What each severity does, from 1 to 5. */
function levels<const T>(
  values: readonly [T, T, T, T, T],
  corrupt: (level: T, picture: Picture, random: Random) => Picture,
) {
  return (severity: Severity): Corrupt =>
    (picture, random) =>
      corrupt(values[severity - 1] ?? values[4], picture, random);
}

/** Noise, blur, contrast and JPEG as in ImageNet-C; low light and ISO as in 3D Common Corruptions. */
const pictureCorruptions = {
  gaussian_noise: levels([0.08, 0.12, 0.18, 0.26, 0.38], (deviation, picture, random) =>
    gaussianNoise(picture, deviation, random),
  ),
  shot_noise: levels([60, 25, 12, 5, 3], (photons, picture, random) => shotNoise(picture, photons, random)),
  impulse_noise: levels([0.03, 0.06, 0.09, 0.17, 0.27], (share, picture, random) =>
    impulseNoise(picture, share, random),
  ),
  iso_noise: levels([0.08, 0.12, 0.18, 0.26, 0.38], (deviation, picture, random) =>
    sensorNoise(picture, 25, 0.7 * deviation, random),
  ),
  gaussian_blur: levels([1, 2, 3, 4, 6], (deviation, picture) => gaussianBlur(picture, deviation * perSide(picture))),
  defocus_blur: levels([3, 4, 6, 8, 10], (radius, picture) => defocusBlur(picture, radius * perSide(picture))),
  motion_blur: levels(
    [
      [10, 3],
      [15, 5],
      [15, 8],
      [15, 12],
      [20, 15],
    ],
    ([radius, deviation], picture, random) => {
      const angle = (random.uniform() - 0.5) * (Math.PI / 2);
      return motionBlur(picture, radius * perSide(picture), deviation * perSide(picture), angle);
    },
  ),
  low_light: levels([0.6, 0.5, 0.4, 0.3, 0.2], (brightest, picture, random) => lowLight(picture, brightest, random)),
  over_exposure: levels([0.5, 0.75, 1, 1.5, 2], (stops, picture) => overExposure(picture, stops)),
  tint: levels(
    [
      [1.05, 1, 0.9],
      [1.1, 1, 0.8],
      [1.2, 1, 0.65],
      [1.3, 1, 0.5],
      [1.4, 1, 0.35],
    ],
    (gains, picture) => tint(picture, gains),
  ),
  contrast: levels([0.4, 0.3, 0.2, 0.1, 0.05], (factor, picture) => contrast(picture, factor)),
  haze: levels([0.3, 0.45, 0.6, 0.7, 0.8], (veil, picture) => haze(picture, veil, 0.8)),
  vignetting: levels([0.3, 0.45, 0.6, 0.75, 0.9], (loss, picture) => vignetting(picture, loss)),
  jpeg: levels([25, 18, 15, 10, 7], (quality, picture) => jpeg(picture, quality)),
} as const satisfies Record<string, (severity: Severity) => Corrupt>;

/** Constant rate factors of x264 as in Mini Kinetics-C (arXiv 2110.06513). */
export const h264Crf = [23, 30, 37, 44, 51] as const;

type PictureCorruption = keyof typeof pictureCorruptions;
export type CorruptionName = PictureCorruption | 'h264_crf';

export const corruptionNames: readonly CorruptionName[] = [
  ...(Object.keys(pictureCorruptions) as PictureCorruption[]),
  'h264_crf',
];

export interface Corruption {
  readonly name: CorruptionName;
  readonly severity: Severity;
}

/** Reads `name:severity`, for example `low_light:3`. Throws a UsageError. */
export function parseCorruption(text: string): Corruption {
  const [wanted = '', level = '', ...rest] = text.trim().split(':');
  const name = corruptionNames.find((known) => known === wanted.toLowerCase().replaceAll('-', '_'));
  const severity = Number(level);
  if (name !== undefined && rest.length === 0 && /^[1-5]$/.test(level)) return { name, severity: severity as Severity };
  const meant = name === undefined ? nearest(wanted, corruptionNames) : undefined;
  throw new UsageError(
    `a corruption must be name:severity with a severity from 1 to 5, but was ${text}` +
      `${meant === undefined ? '' : `; did you mean ${meant}?`}; the names are ${corruptionNames.join(', ')}`,
  );
}

/** A picture with the corruption; undefined for those that only an encoder can make. */
export function pictureCorruption({ name, severity }: Corruption): Corrupt | undefined {
  return name === 'h264_crf' ? undefined : pictureCorruptions[name](severity);
}
