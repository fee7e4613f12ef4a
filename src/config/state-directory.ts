/** Where a box keeps what it must not forget. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from './environment.ts';

/** `auto`: systemd's `$STATE_DIRECTORY` (its first), else edge-cls in `$XDG_STATE_HOME` or ~/.local/state. */
export function stateDirectory(configured: string, env: Environment = process.env): string {
  if (configured !== 'auto') return resolve(configured);
  const [given] = (env['STATE_DIRECTORY'] ?? '').split(':');
  if (given) return given;
  // An empty variable counts as none (XDG Base Directory Specification).
  const { XDG_STATE_HOME: base = '' } = env;
  return join(base === '' ? join(homedir(), '.local', 'state') : base, 'edge-cls');
}
