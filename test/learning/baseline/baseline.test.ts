import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baselineOf, baselinePath, readBaseline, writeBaseline } from '../../../src/learning/baseline/baseline.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { geometry } from '../small-classifier.ts';

const target = { bundleDigest: `sha256:${'a'.repeat(64)}`, geometry };
const statistics = {
  pixels: {
    mean: [0.4, 0.5, 0.6],
    covariance: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  },
  activations: [{ tensor: 'first', mean: [1, 2], standardDeviation: [3, 4] }],
};
const predictions = [
  { label: 0, confidence: 0.7 },
  { label: 1, confidence: 0.9 },
];
const evidence = { frames: 2, distance: 0, meanConfidence: 0.8, classRates: [0.5, 0.5], predictions };

test('a baseline is read as it was written, in a few kilobytes', async () => {
  using directory = temporaryDirectory();
  const path = baselinePath(directory.path, 'front door/1', target);
  expect(await readBaseline(path)).toBeUndefined();
  const baseline = baselineOf(target, statistics, evidence, new Date(0));
  await writeBaseline(path, baseline);
  expect(await readBaseline(path)).toEqual(baseline);
  expect(baseline.confidence.standard_deviation).toBeCloseTo(0.1);
  expect(JSON.stringify(baseline).length).toBeLessThan(4096);
});

test('streams, bundles and geometries have baselines of their own', () => {
  const other = { ...target, geometry: { ...geometry, padding: 'edge' as const } };
  const paths = [
    baselinePath('/s', 'a', target),
    baselinePath('/s', null, target),
    baselinePath('/s', 'a', other),
    baselinePath('/s', 'a', { ...target, bundleDigest: `sha256:${'b'.repeat(64)}` }),
  ];
  expect(new Set(paths).size).toBe(4);
});

test('a file that holds something else is named', async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'b.json');
  writeFileSync(path, '{"format": "edge-cls-baseline/1"}');
  await expect(readBaseline(path)).rejects.toThrow(/b\.json must be as --record-baseline writes it/);
});
