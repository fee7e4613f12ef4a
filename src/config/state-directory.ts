/** Where a box keeps what it must not forget. */
import { resolve } from 'node:path';
import type { Environment } from './environment.ts';
import { userDirectory } from './user-directory.ts';

/** `auto`: systemd's `$STATE_DIRECTORY` (its first), else edge-cls in `$XDG_STATE_HOME` or ~/.local/state. */
export function stateDirectory(configured: string, env: Environment = process.env): string {
  if (configured !== 'auto') return resolve(configured);
  return userDirectory({ systemd: 'STATE_DIRECTORY', xdg: 'XDG_STATE_HOME', below: '.local/state' }, env);
}
