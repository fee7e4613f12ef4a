import { encoded, rounding, type Kind } from '../kind.ts';

const pairs = [
  [1, 7],
  [7, 1],
  [33, 17],
  [321, 193],
  [10_000, 40],
  [40, 10_000],
  [1920, 1080],
  [3840, 2160],
] as const;

export const sizes: readonly Kind[] = pairs.map(([width, height]) => ({
  name: `${width}×${height}`,
  size: { width, height },
  make: encoded(`size-${width}x${height}.mkv`, `scale=flags=${rounding},format=yuv444p12le`, ['-c:v', 'ffv1'], {
    width,
    height,
  }),
}));
