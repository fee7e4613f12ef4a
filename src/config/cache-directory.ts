/** Where what can be computed again is kept. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/** systemd's `$CACHE_DIRECTORY` (its first), else edge-cls in `$XDG_CACHE_HOME` or ~/.cache. */
export function cacheDirectory(env: Environment = process.env): string {
  const [given] = (env['CACHE_DIRECTORY'] ?? '').split(':');
  if (given) return given;
  // An empty variable counts as none (XDG Base Directory Specification).
  const { XDG_CACHE_HOME: base = '' } = env;
  return join(base === '' ? join(homedir(), '.cache') : base, 'edge-cls');
}
