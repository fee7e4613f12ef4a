/** Noise of sensors and transmission, independent in every value. */
import type { Random } from '../random.ts';
import { eachPlane, type Picture } from './picture.ts';

/** x + n, n normal with the deviation σ. Reference: ImageNet-C `gaussian_noise` (arXiv 1903.12261). */
export function gaussianNoise(picture: Picture, deviation: number, random: Random): Picture {
  return eachPlane(picture, (plane) => plane.map((value) => value + deviation * random.normal()));
}

/** Poisson(photons · x) / photons. Reference: ImageNet-C `shot_noise`. */
export function shotNoise(picture: Picture, photons: number, random: Random): Picture {
  return eachPlane(picture, (plane) =>
    plane.map((value) => Math.min(1, random.poisson(photons * Math.max(0, value)) / photons)),
  );
}

/** A share of the values becomes 0 or 1, half each. Reference: ImageNet-C `impulse_noise`. */
export function impulseNoise(picture: Picture, share: number, random: Random): Picture {
  return eachPlane(picture, (plane) =>
    plane.map((value) => {
      const drawn = random.uniform();
      if (drawn >= share) return value;
      return drawn < share / 2 ? 0 : 1;
    }),
  );
}

/** Photon noise, then electronic noise. Reference: 3D Common Corruptions (arXiv 2203.01441), `poisson_gaussian_noise`. */
export function sensorNoise(picture: Picture, photons: number, deviation: number, random: Random): Picture {
  return gaussianNoise(shotNoise(picture, photons, random), deviation, random);
}
