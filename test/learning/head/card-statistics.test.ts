import { describe, expect, it } from 'vitest';
import { cardStatistics } from '../../../src/learning/head/card-statistics.ts';
import { pixelMoments } from '../../../src/learning/head/pixel-moments.ts';
import { randomNumbers } from '../../support/front-end.ts';

const [width, height] = [12, 9];

function randomImages(count: number): Float32Array<ArrayBuffer>[] {
  const random = randomNumbers(21);
  return Array.from({ length: count }, (_, k) => {
    const image = new Float32Array(3 * width * height);
    // Neighbours are alike, channels differ in brightness.
    for (let i = 0; i < image.length; i++) image[i] = 0.4 * random() + 0.3 * (image[i - 1] ?? 0.5) + 0.05 * k;
    return image;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('cardStatistics', () => {
  it('should agree with the definitions over all pixels of all photographs', () => {
    const images = randomImages(3);
    const tensors = [{ tensor: 'x', channels: 2, mean: 'm', square: 's' }];
    const activations = [
      [1, 2, 1.5, 5],
      [3, 0, 10, 1],
      [2, 1, 6, 3],
    ];
    const moments = images.map((image, i) =>
      Float32Array.from([...pixelMoments(image, width, height), ...activations[i]!]),
    );
    const graph = { model: new Uint8Array(), input: '', features: '', moments: tensors };
    const { images: count, pixels, luminanceAutocovariance, activations: found } = cardStatistics(moments, graph);
    expect(count).toBe(3);
    const plane = width * height;
    const channel = (c: number) => images.flatMap((image) => Array.from(image.subarray(c * plane, (c + 1) * plane)));
    const means = [0, 1, 2].map((c) => mean(channel(c)));
    expect(pixels!.mean).toBeAllClose(means, { rtol: 1e-5 });
    [0, 1, 2].forEach((i) =>
      [0, 1, 2].forEach((j) => {
        const [a, b] = [channel(i), channel(j)];
        expect(pixels!.covariance[i]![j]).toBeCloseTo(
          mean(a.map((value, k) => (value - means[i]!) * (b[k]! - means[j]!))),
          6,
        );
      }),
    );
    const y = images.map((image) =>
      Array.from(
        { length: plane },
        (_, i) => 0.299 * image[i]! + 0.587 * image[plane + i]! + 0.114 * image[2 * plane + i]!,
      ),
    );
    const m = mean(y.flat());
    for (const [down, right] of [
      [0, 0],
      [0, 3],
      [2, 1],
      [6, 6],
    ] as const) {
      const products = y.flatMap((image) =>
        image.flatMap((value, i) => {
          const [row, column] = [Math.floor(i / width), i % width];
          if (row + down >= height || column + right >= width) return [];
          return [(value - m) * (image[(row + down) * width + column + right]! - m)];
        }),
      );
      expect(luminanceAutocovariance!.values[down]![right]).toBeCloseTo(mean(products), 6);
    }
    expect(found).toEqual([
      {
        tensor: 'x',
        mean: [2, 1],
        standardDeviation: [Number(Math.sqrt(17.5 / 3 - 4).toPrecision(6)), Number(Math.sqrt(3 - 1).toPrecision(6))],
      },
    ]);
  });
});
