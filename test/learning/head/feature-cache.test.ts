import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFeatureCache } from '../../../src/learning/head/feature-cache.ts';
import { temporaryDirectory } from '../../support/videos.ts';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => void (directory = temporaryDirectory()));
afterEach(() => directory.remove());

test('what was not used for longest goes first, whatever its key', async () => {
  // A value of 4 bytes and its digest.
  const fileBytes = 36;
  const before = await openFeatureCache(directory.path, { backbone: 'a' });
  const other = await openFeatureCache(directory.path, { backbone: 'b' });
  for (const [cache, name] of [
    [before, 'old'],
    [before, 'older'],
    [other, 'oldest'],
  ] as const) {
    await cache.put(name, Float32Array.of(1));
  }
  const ages: Readonly<Record<string, number>> = { 'old.f32': 100, 'older.f32': 200, 'oldest.f32': 300 };
  for (const file of readdirSync(directory.path, { recursive: true, encoding: 'utf8' })) {
    const age = ages[file.split('/').at(-1) ?? ''];
    if (age !== undefined) utimesSync(join(directory.path, file), 1e9 - age, 1e9 - age);
  }
  // It is the newest from now on.
  expect(await other.get('oldest')).toEqual(Float32Array.of(1));
  const after = await openFeatureCache(directory.path, { backbone: 'a' }, 2 * fileBytes);
  expect(await after.get('older')).toBeUndefined();
  expect(await after.get('old')).toEqual(Float32Array.of(1));
  expect(await other.get('oldest')).toEqual(Float32Array.of(1));
});
