import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** In memory where there is such a file system: the journal flushes a lot. */
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'edge-cls-search-'));

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new directory that is gone when the test file has ended. */
export function newDirectory(): string {
  return mkdtempSync(join(root, 'search-'));
}
