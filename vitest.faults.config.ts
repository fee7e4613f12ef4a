import { defineConfig } from 'vitest/config';

/** Cameras, networks and decoders that fail: real ones, so one file at a time, at the pace of the clock. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/fitting/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
  },
});
