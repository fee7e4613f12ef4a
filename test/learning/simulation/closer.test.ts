import { expect, test } from 'vitest';
import fc from 'fast-check';
import { closer } from '../../../src/learning/simulation/closer.ts';

/** One picture; where `value` is linear, so is its enlargement by linear interpolation. */
function picture(width: number, height: number, value: (x: number, y: number, plane: number) => number) {
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    value(i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))),
  );
  return { grid: { width, height }, length: 1, read: () => Promise.resolve(pixels) };
}

/** The slope of what was a slope of 3 along a side, and how far a pixel is off it; away from the border, where pixels repeat. */
async function slopeOf(seed: number, along: 'x' | 'y'): Promise<{ slope: number; roughness: number }> {
  const side = 64;
  await using view = await closer(
    picture(side, side, (x, y) => 3 * (along === 'x' ? x : y)),
    seed,
  );
  const pixels = await view.read(0);
  const step = along === 'x' ? 1 : side;
  const differences = Array.from({ length: 40 }, (_, i) => {
    const at = side * 12 + 12 + i * step;
    return pixels[at + step]! - pixels[at]!;
  });
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  return { slope: mean, roughness: Math.max(...differences.map((value) => Math.abs(value - mean))) };
}

test('a view is from 1.25 to 2.5 times as near, along both sides alike, and may be mirrored', async () => {
  const mirrored = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (seed) => {
      const [across, down] = [await slopeOf(seed, 'x'), await slopeOf(seed, 'y')];
      mirrored.add(across.slope < 0);
      expect(Math.abs(across.slope)).toBeCloseTo(down.slope, 1);
      expect(down.slope).toBeGreaterThan(3 / 2.5 - 0.05);
      expect(down.slope).toBeLessThan(3 / 1.25 + 0.05);
      // Rounding to bytes is all that differs along a slope.
      expect(across.roughness).toBeLessThan(1.01);
      expect(down.roughness).toBeLessThan(1.01);
    }),
    { numRuns: 20 },
  );
  expect(mirrored.size).toBe(2);
});

test('what is seen is a part of the picture, plane by plane, and equal seeds see the same', async () => {
  const scene = picture(32, 16, (x, y, plane) => 64 * plane + x + y);
  await using view = await closer(scene, 3);
  await using again = await closer(scene, 3);
  await using other = await closer(scene, 4);
  expect(again.fingerprint).toBe(view.fingerprint);
  expect(other.fingerprint).not.toBe(view.fingerprint);
  const pixels = await view.read(0);
  expect(pixels.length).toBe(3 * 32 * 16);
  for (const plane of [0, 1, 2]) {
    const part = pixels.subarray(plane * 512, (plane + 1) * 512);
    expect(Math.min(...part)).toBeGreaterThanOrEqual(64 * plane);
    expect(Math.max(...part)).toBeLessThanOrEqual(64 * plane + 31 + 15);
    // At most 4/5 of each side.
    expect(Math.max(...part) - Math.min(...part)).toBeLessThanOrEqual(0.8 * 46);
  }
});
