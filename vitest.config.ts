import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // npm run test:faults, npm run test:fitting, npm run test:release
    exclude: ['test/faults/**', 'test/fitting/**', 'test/release/**'],
    setupFiles: ['test/support/setup.ts'],
    // Only what hangs costs them: a busy machine takes several times as long as a quiet one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Two cores: sessions and ffmpeg children use threads of their own.
    maxWorkers: 2,
    coverage: { include: ['src/**/*.ts'], reporter: ['json-summary'], reportOnFailure: true },
  },
});
