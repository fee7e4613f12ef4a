import { defineConfig, mergeConfig } from 'vitest/config';
import whole from './vitest.config.ts';

/** What tells in a minute whether another Node.js will do: .ci/quick. */
const quick = [
  'config',
  'daemon',
  'docs',
  'domain',
  'engine',
  'onnx',
  'output',
  'pipeline',
  'video/child',
  'video/decode',
];

export default mergeConfig(
  { ...whole, test: { ...whole.test, include: [] } },
  defineConfig({ test: { include: quick.map((folder) => `test/${folder}/**/*.test.ts`) } }),
);
