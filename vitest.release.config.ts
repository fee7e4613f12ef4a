import { defineConfig } from 'vitest/config';

/** Makes releases, which takes minutes and the registry: npm run test:release. */
export default defineConfig({
  test: { include: ['test/release/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 1_800_000, maxWorkers: 1 },
});
