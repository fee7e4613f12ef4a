/** Wrong light: too little, too much, of another colour, scattered, or unevenly spread. */
import type { Random } from '../random.ts';
import { sensorNoise } from './noise.ts';
import { eachPlane, type Picture } from './picture.ts';

/**
 * y = c · ((x − min) / (max − min))², then sensor noise of 120 photons and 0.018, whatever c.
 *
 * Reference: 3D Common Corruptions `low_light` (arXiv 2203.01441).
 */
export function lowLight(picture: Picture, brightest: number, random: Random): Picture {
  let low = Infinity;
  let high = -Infinity;
  for (const plane of [picture.red, picture.green, picture.blue]) {
    for (const value of plane) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const range = Math.max(high - low, 1 / 255);
  const dark = eachPlane(picture, (plane) => plane.map((value) => brightest * ((value - low) / range) ** 2));
  return sensorNoise(dark, 120, 0.018, random);
}

/** Gains of the three colours: a lamp, or a white balance that is wrong. */
export function tint(picture: Picture, [red, green, blue]: readonly [number, number, number]): Picture {
  const scaled = (plane: Float32Array, gain: number) => plane.map((value) => gain * value);
  return {
    ...picture,
    red: scaled(picture.red, red),
    green: scaled(picture.green, green),
    blue: scaled(picture.blue, blue),
  };
}

/** (x − mean) · c + mean, the mean of each plane. Reference: ImageNet-C `contrast`. */
export function contrast(picture: Picture, factor: number): Picture {
  return eachPlane(picture, (plane) => {
    let sum = 0;
    for (const value of plane) sum += value;
    const mean = sum / plane.length;
    return plane.map((value) => (value - mean) * factor + mean);
  });
}

/** (1 − veil) · x + veil · airlight, the same everywhere: the scattering model (Koschmieder) at one distance. */
export function haze(picture: Picture, veil: number, airlight: number): Picture {
  return eachPlane(picture, (plane) => plane.map((value) => (1 - veil) * value + veil * airlight));
}

/** 2^stops · x, cut off at white. */
export function overExposure(picture: Picture, stops: number): Picture {
  return eachPlane(picture, (plane) => plane.map((value) => Math.min(1, 2 ** stops * value)));
}

/** x · (1 − loss · r²), r the distance from the centre, 1 in the corners. */
export function vignetting(picture: Picture, loss: number): Picture {
  const { width, height } = picture;
  const square = (i: number, side: number) => ((i + 0.5) / side - 0.5) ** 2;
  return eachPlane(picture, (plane) =>
    plane.map((value, i) => {
      const r2 = 2 * (square(i % width, width) + square(Math.floor(i / width), height));
      return value * (1 - loss * r2);
    }),
  );
}
