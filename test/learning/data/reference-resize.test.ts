import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { referenceImage } from '../../../src/learning/data/reference-resize.ts';
import { loadBundle } from '../../../src/model/bundle.ts';
import type { Card } from '../../../src/model/card.ts';
import type { Kernel } from '../../../src/model/kernel.ts';
import { goldenNoise, waves } from '../../support/images.ts';

const resizes = JSON.parse(readFileSync(new URL('../../fixtures/resizes.json', import.meta.url), 'utf8')) as {
  columns: number;
  rows: number;
  cases: { kernel: Kernel; image: string; x: number; y: number; values: number[] }[];
};
const { card } = await loadBundle('inception-v3-cats-dogs');

function cardOf(width: number, height: number, resize: Card['resize']): Card {
  return { ...card, input: { ...card.input, width, height }, resize };
}

/** The same picture in all three planes. */
function grey(plane: Float32Array): Uint8Array {
  const bytes = Uint8Array.from(plane, (value) => Math.round(255 * value));
  return Uint8Array.from([...bytes, ...bytes, ...bytes]);
}

describe('as Pillow resizes', () => {
  test.each(resizes.cases)('$kernel of $image by $x, $y', ({ kernel, image, x, y, values }) => {
    const size = { width: resizes.columns * x, height: resizes.rows * y };
    const plane = image === 'noise' ? goldenNoise(size.width * size.height) : waves(size.width, size.height);
    const to = cardOf(resizes.columns, resizes.rows, { fit: 'stretch', kernel });
    const result = referenceImage(grey(plane), size, to);
    // Half a level from rounding to bytes; negative lobes weigh it twice.
    expect(result.subarray(0, values.length)).toBeAllClose(
      values.map((value) => Math.min(1, value)),
      { rtol: 0, atol: 2 / 255 },
    );
  });
});

test('area by a fraction: every source pixel counts by the part that lies in the block', () => {
  const line = Float32Array.of(0.2, 0.4, 0.8, 0.6, 1);
  const to = cardOf(2, 1, { fit: 'stretch', kernel: 'area' });
  const result = referenceImage(grey(line), { width: 5, height: 1 }, to);
  expect(result.subarray(0, 2)).toBeAllClose([(0.2 + 0.4 + 0.4) / 2.5, (0.4 + 0.6 + 1) / 2.5], { rtol: 0, atol: 1e-6 });
});

test('a crop is cut out of the middle, and planes become R, G, B', () => {
  const [width, height] = [90, 60];
  const plane = (value: number) => Uint8Array.from({ length: width * height }, (_, i) => (i % width < 20 ? 30 : value));
  // G, B, R as ffmpeg has them.
  const gbrp = Uint8Array.from([...plane(0), ...plane(102), ...plane(255)]);
  const to = cardOf(10, 10, { fit: 'crop', fraction: 0.8, kernel: 'area' });
  const result = referenceImage(gbrp, { width, height }, to);
  // 48 × 48 pixels from column 21 on: the white stripe is outside.
  expect(result.subarray(0, 100)).toBeAllClose(new Float32Array(100).fill(1), { rtol: 0, atol: 1e-6 });
  expect(result.subarray(100, 200)).toBeAllClose(new Float32Array(100), { rtol: 0, atol: 1e-6 });
  expect(result.subarray(200)).toBeAllClose(new Float32Array(100).fill(0.4), { rtol: 0, atol: 1e-6 });
});
