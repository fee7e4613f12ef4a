import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { generated } from '../../scripts/configuration-page.ts';
import { configKeys } from '../../src/config/keys.ts';
import { streamSchema } from '../../src/config/stream-schema.ts';

it.each(generated)('should be what "npm run docs:configuration" writes: $path', async ({ path, text }) => {
  expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(await text());
});

it('should say of every key what it means and what it must be', () => {
  for (const { path, says, range } of [...configKeys(), ...configKeys(streamSchema)]) {
    expect(says, path.join('.')).toMatch(/\S\.$/);
    expect(range, path.join('.')).toMatch(/\S/);
  }
});
