import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import sharp from 'sharp';
import { defocusBlur, gaussianBlur, motionBlur } from '../../../src/learning/corruption/blur.ts';
import { corruptFrames } from '../../../src/learning/corruption/corrupt-frames.ts';
import {
  corruptionNames,
  parseCorruption,
  pictureCorruption,
  type Severity,
} from '../../../src/learning/corruption/corruptions.ts';
import { jpeg } from '../../../src/learning/corruption/jpeg.ts';
import { contrast, haze, lowLight, overExposure, tint, vignetting } from '../../../src/learning/corruption/light.ts';
import { gaussianNoise, impulseNoise, sensorNoise, shotNoise } from '../../../src/learning/corruption/noise.ts';
import { gbrpOf, pictureOf, type Picture } from '../../../src/learning/corruption/picture.ts';
import { seededRandom } from '../../../src/learning/random.ts';
import { ffmpeg } from '../../video/support.ts';

function uniform(value: number, width = 200, height = 200): Picture {
  const plane = () => new Float32Array(width * height).fill(value);
  return { width, height, red: plane(), green: plane(), blue: plane() };
}

/** Smooth in the large and the small, each plane another. */
function waves(width: number, height: number): Picture {
  const plane = (phase: number) =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return 0.5 + 0.3 * Math.sin(0.05 * x + 0.03 * y + phase) + 0.15 * Math.sin(0.21 * x - 0.17 * y + 2 * phase);
    });
  return { width, height, red: plane(0), green: plane(1), blue: plane(2) };
}

/** One white pixel in the middle. */
function point(side: number): Picture {
  const picture = uniform(0, side, side);
  const middle = ((side - 1) / 2) * (side + 1);
  for (const plane of [picture.red, picture.green, picture.blue]) plane[middle] = 1;
  return picture;
}

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/** Mass, centre and second moments of what a point became. */
function spreadOf({ red, width }: Picture) {
  let [mass, x, y, xx, yy] = [0, 0, 0, 0, 0];
  const middle = (width - 1) / 2;
  red.forEach((value, i) => {
    const [dx, dy] = [(i % width) - middle, Math.floor(i / width) - middle];
    mass += value;
    x += value * dx;
    y += value * dy;
    xx += value * dx * dx;
    yy += value * dy * dy;
  });
  return { mass, x, y, xx, yy };
}

describe('noise has the mean and the deviation of its formula', () => {
  test('gaussian: σ', () => {
    const { red, blue } = gaussianNoise(uniform(0.5), 0.1, seededRandom(1));
    expect(moments(red).mean).toBeCloseTo(0.5, 2);
    expect(Math.sqrt(moments(red).variance)).toBeCloseTo(0.1, 2);
    expect(red).not.toEqual(blue);
  });

  test('shot: variance = mean ÷ photons', () => {
    const { green } = shotNoise(uniform(0.4), 60, seededRandom(2));
    expect(moments(green).mean).toBeCloseTo(0.4, 2);
    expect(moments(green).variance).toBeCloseTo(0.4 / 60, 3);
  });

  test('impulse: half of the share black, half white', () => {
    const { red } = impulseNoise(uniform(0.5), 0.2, seededRandom(3));
    expect(red.filter((value) => value === 0).length / red.length).toBeCloseTo(0.1, 1);
    expect(red.filter((value) => value === 1).length / red.length).toBeCloseTo(0.1, 1);
    expect(red.filter((value) => value === 0.5).length / red.length).toBeCloseTo(0.8, 1);
  });

  test('sensor: both variances add up', () => {
    const { red } = sensorNoise(uniform(0.2), 25, 0.05, seededRandom(4));
    expect(moments(red).variance).toBeCloseTo(0.2 / 25 + 0.05 ** 2, 3);
  });
});

describe('blur spreads a point, and takes nothing away', () => {
  test('gaussian: second moments σ²', () => {
    const { mass, x, xx, yy } = spreadOf(gaussianBlur(point(61), 3));
    expect(mass).toBeCloseTo(1, 5);
    expect(x).toBeCloseTo(0, 5);
    expect(xx).toBeCloseTo(9, 1);
    expect(yy).toBeCloseTo(9, 1);
  });

  test('gaussian: the weighted mean by its definition, at any size and up to the borders', () => {
    const sides = fc.integer({ min: 1, max: 13 });
    fc.assert(
      fc.property(sides, sides, fc.integer({ min: 0, max: 1e6 }), (width, height, seed) => {
        const { uniform: value } = seededRandom(seed);
        const plane = Float32Array.from({ length: width * height }, value);
        const reach = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        const inside = (i: number, side: number) => Math.min(side - 1, Math.max(0, i));
        const expected = Array.from(plane, (_, i) => {
          let [sum, weights] = [0, 0];
          for (const dy of reach) {
            for (const dx of reach) {
              const weight = Math.exp(-(dx ** 2 + dy ** 2) / 8);
              const [x, y] = [inside((i % width) + dx, width), inside(Math.floor(i / width) + dy, height)];
              sum += weight * plane[y * width + x]!;
              weights += weight;
            }
          }
          return sum / weights;
        });
        const blurred = gaussianBlur({ width, height, red: plane, green: plane, blue: plane }, 2);
        expect(blurred.red).toBeAllClose(expected, { rtol: 0, atol: 1e-5 });
      }),
    );
  });

  test.each([7.5, 12])('defocus: a disk of the radius %d, second moments r²/4', (radius) => {
    const { mass, x, y, xx, yy } = spreadOf(defocusBlur(point(61), radius));
    expect(mass).toBeCloseTo(1, 5);
    expect(x).toBeCloseTo(0, 5);
    expect(y).toBeCloseTo(0, 5);
    expect(Math.abs(xx / (radius ** 2 / 4) - 1)).toBeLessThan(0.08);
    expect(Math.abs(yy / (radius ** 2 / 4) - 1)).toBeLessThan(0.08);
  });

  test('motion: along the angle only', () => {
    const level = spreadOf(motionBlur(point(61), 8, 4, 0));
    expect(level.mass).toBeCloseTo(1, 5);
    expect(level.yy).toBe(0);
    expect(level.x).toBeLessThan(-2);
    const steep = spreadOf(motionBlur(point(61), 8, 4, Math.PI / 2));
    expect(steep.xx).toBe(0);
    expect(steep.y).toBeCloseTo(level.x, 5);
  });

  test('an even picture stays even up to its borders', () => {
    for (const blurred of [
      gaussianBlur(uniform(0.3), 9),
      defocusBlur(uniform(0.3), 9),
      motionBlur(uniform(0.3), 9, 5, 0.5),
    ]) {
      expect(blurred.green).toBeAllClose(uniform(0.3).green, { rtol: 0, atol: 1e-5 });
    }
  });
});

describe('light', () => {
  const two = (low: number, high: number): Picture => {
    const plane = () => Float32Array.of(low, high);
    return { width: 2, height: 1, red: plane(), green: plane(), blue: plane() };
  };

  test('contrast is drawn about the mean of each plane', () => {
    expect(contrast(two(0.2, 0.6), 0.1).red).toBeAllClose([0.38, 0.42], { rtol: 0, atol: 1e-6 });
  });

  test('haze, over-exposure and tint', () => {
    expect(haze(two(0, 1), 0.8, 0.9).blue).toBeAllClose([0.72, 0.92], { rtol: 0, atol: 1e-6 });
    expect(overExposure(two(0.2, 0.6), 1).green).toBeAllClose([0.4, 1], { rtol: 0, atol: 1e-6 });
    const warm = tint(two(0.2, 0.6), [1.5, 1, 0.5]);
    expect([warm.red[0], warm.green[0], warm.blue[0]]).toBeAllClose([0.3, 0.2, 0.1], { rtol: 0, atol: 1e-6 });
  });

  test('vignetting: nothing in the middle, all of the loss in the corners', () => {
    const { red } = vignetting(uniform(1, 101, 101), 0.6);
    expect(red[50 * 101 + 50]).toBeCloseTo(1, 5);
    expect(red[0]).toBeCloseTo(1 - 0.6 * (100 / 101) ** 2, 5);
  });

  test('low light: the brightest becomes c, the middle a quarter of it', () => {
    const picture = uniform(0.5);
    picture.red.fill(1, 0, 100);
    picture.red.fill(0, 100, 200);
    const { green } = lowLight(picture, 0.2, seededRandom(1));
    expect(moments(green).mean).toBeCloseTo(0.05, 2);
  });
});

describe('jpeg', () => {
  test.each([7, 25, 80])('quality %d: as libjpeg stores it', async (quality) => {
    const picture = waves(75, 53);
    const rgb = new Uint8Array(3 * 75 * 53);
    const gbrp = gbrpOf(picture);
    const area = 75 * 53;
    for (let i = 0; i < area; i++) rgb.set([gbrp[2 * area + i]!, gbrp[i]!, gbrp[area + i]!], 3 * i);
    const stored = await sharp(rgb, { raw: { width: 75, height: 53, channels: 3 } })
      .jpeg({ quality, chromaSubsampling: '4:2:0', mozjpeg: false })
      .toBuffer();
    const expected = await sharp(stored).raw().toBuffer();
    const { red, green, blue } = jpeg(pictureOf(gbrp, picture), quality);
    let [sum, before] = [0, 0];
    for (let i = 0; i < area; i++) {
      for (const [channel, plane] of [red, green, blue].entries()) {
        sum += Math.abs(expected[3 * i + channel]! - 255 * plane[i]!);
        before += Math.abs(expected[3 * i + channel]! - rgb[3 * i + channel]!);
      }
    }
    expect(sum / (3 * area)).toBeLessThan(0.75);
    expect(sum).toBeLessThan(before / 2);
  });
});

describe('by name', () => {
  test.each([
    ['fog:3', /name:severity .* but was fog:3; the names are gaussian_noise/],
    ['low_ligth:3', /did you mean low_light\?/],
    ['tint:6', /severity from 1 to 5, but was tint:6/],
    ['tint', /but was tint;/],
  ])('%s is refused', (text, message) => {
    expect(() => parseCorruption(text)).toThrow(message);
  });

  test('each does something at severity 1 and more at 5', () => {
    const picture = waves(96, 64);
    const change = (text: string) => {
      const corrupted = pictureCorruption(parseCorruption(text))?.(picture, seededRandom(5));
      if (corrupted === undefined) return undefined;
      return (
        moments(corrupted.green.map((value, i) => value - picture.green[i]!)).variance +
        moments(corrupted.red.map((value, i) => value - picture.red[i]!)).variance
      );
    };
    for (const name of corruptionNames.filter((known) => known !== 'h264_crf')) {
      expect(change(`${name}:1`), name).toBeGreaterThan(0);
      expect(change(`${name}:5`), name).toBeGreaterThan(change(`${name}:1`)!);
    }
  });

  test('blur grows with the picture: the same share of it is blurred', () => {
    const corrupt = pictureCorruption({ name: 'gaussian_blur', severity: 3 })!;
    const small = spreadOf(corrupt(point(113), seededRandom(1)));
    const large = spreadOf(corrupt(point(225), seededRandom(1)));
    expect(Math.sqrt(large.xx / small.xx)).toBeCloseTo(225 / 113, 1);
  });
});

describe('streams of pictures', () => {
  const native = { width: 61, height: 47 };
  const pictures = async function* (count: number) {
    for (let i = 0; i < count; i++) yield await Promise.resolve(gbrpOf(waves(native.width, native.height)));
  };
  const collect = async (frames: AsyncIterable<Uint8Array>) => {
    const all: Uint8Array[] = [];
    for await (const frame of frames) all.push(frame);
    return all;
  };

  test('a seed repeats them; equal pictures get different noise', async () => {
    const corruption = parseCorruption('gaussian_noise:2');
    const of = (seed: number) => collect(corruptFrames(corruption, { native, seed, ffmpeg })(pictures(2)));
    const [a, b, c] = [await of(1), await of(1), await of(2)];
    expect(a).toEqual(b);
    expect(a[0]).not.toEqual(a[1]);
    expect(a[0]).not.toEqual(c[0]);
  });

  test('h264_crf: as many pictures of the same size, the worse the higher the severity', async () => {
    const error = async (severity: Severity) => {
      const coded = await collect(
        corruptFrames({ name: 'h264_crf', severity }, { native, seed: 1, ffmpeg })(pictures(3)),
      );
      expect(coded.map(({ length }) => length)).toEqual([8601, 8601, 8601]);
      const [first] = await collect(pictures(1));
      return moments(Float32Array.from(coded[0]!, (value, i) => Math.abs(value - first![i]!))).mean;
    };
    const [mild, harsh] = [await error(1), await error(5)];
    expect(mild).toBeLessThan(4);
    expect(harsh).toBeGreaterThan(2 * mild);
  });
});
