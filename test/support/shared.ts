/** Data that lies beside the checkout and is not part of it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The path below `shared/data`, or undefined where it is not there: skip then, and say so. */
export function sharedData(path: string): string | undefined {
  const full = resolve(import.meta.dirname, '../../../shared/data', path);
  return existsSync(full) ? full : undefined;
}
