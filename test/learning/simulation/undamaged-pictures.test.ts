import { expect, test } from 'vitest';
import { cameraModel } from '../../../src/learning/simulation/camera-model.ts';
import { undamagedPictures } from '../../../src/learning/simulation/undamaged-pictures.ts';
import { loadBundle } from '../../../src/model/bundle.ts';
import { ffmpeg } from '../../video/support.ts';

test('the pictures that ship are neither dark nor noisy, and have the colours that are asked for', async () => {
  const { card } = await loadBundle('inception-v3-cats-dogs');
  const colours = card.statistics.pixels!;
  const camera = { card, device: 'cpu', geometry: 'auto', resolution: { width: 300, height: 300 }, ffmpeg } as const;
  await using pictures = await undamagedPictures(camera, colours, { ffmpeg, limit: 24, random: () => 0.5 });
  expect(pictures.length).toBe(24);
  expect(pictures.grid).toEqual({ width: 300, height: 300 });
  const indices = Array.from({ length: pictures.length }, (_, i) => i);
  const seen = await cameraModel(pictures, indices);
  for (const c of [0, 1, 2]) {
    expect(seen.colours.mean[c]).toBeCloseTo(colours.mean[c]!, 1);
    // What would be darker than black or brighter than white is cut off.
    expect(Math.abs(Math.sqrt(seen.colours.covariance[c]![c]! / colours.covariance[c]![c]!) - 1)).toBeLessThan(0.2);
    expect(seen.noise[c]![c]!).toBeLessThan(0.02 * seen.colours.covariance[c]![c]!);
  }
  // The dark and the hazy passage come last: the last pictures vary as the first ones do.
  const spread = async (from: number) => {
    const { colours } = await cameraModel(pictures, indices.slice(from, from + 8));
    return Math.sqrt(colours.covariance[1]![1]!);
  };
  expect(await spread(16)).toBeGreaterThan(0.5 * (await spread(0)));
});
