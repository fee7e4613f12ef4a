import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const text = readFileSync(resolve(root, 'ARCHITECTURE.md'), 'utf8');
/** Files and folders, from the root of the checkout, with a `/` before them and, where it is a folder, after them. */
const paths = ['src', 'config', 'scripts', 'test']
  .flatMap((top) => readdirSync(resolve(root, top), { recursive: true, withFileTypes: true }))
  .map((entry) => `${resolve(entry.parentPath, entry.name)}${entry.isDirectory() ? '/' : ''}`)
  .map((path) => path.slice(root.length))
  .concat(['/src/', '/config/', '/test/']);
/** What is written as a path, whole or from any folder on. */
const named = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]*)+|[\w-]+\.ts)`/g)].map(([, name = '']) => name);

it('ARCHITECTURE.md names files and folders that there are', () => {
  expect(named.length).toBeGreaterThan(40);
  const missing = named.filter(
    (name) => !paths.some((path) => path.endsWith(`/${name}`) || path.endsWith(`/${name}/`)),
  );
  expect(missing).toEqual([]);
});
