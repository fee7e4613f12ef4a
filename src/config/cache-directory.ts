/** Where what can be computed again is kept. */
import type { Environment } from './environment.ts';
import { userDirectory } from './user-directory.ts';

/** systemd's `$CACHE_DIRECTORY` (its first), else edge-cls in `$XDG_CACHE_HOME` or ~/.cache. */
export function cacheDirectory(env: Environment = process.env): string {
  return userDirectory({ systemd: 'CACHE_DIRECTORY', xdg: 'XDG_CACHE_HOME', below: '.cache' }, env);
}
