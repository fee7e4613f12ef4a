/** The directory for one kind of what a program keeps. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

/** The first that systemd gives in `$SYSTEMD`; else edge-cls in `$XDG`, else in `below` the home directory. */
export function userDirectory(
  { systemd, xdg, below }: { readonly systemd: string; readonly xdg: string; readonly below: string },
  env: Environment,
): string {
  const [given] = (env[systemd] ?? '').split(':');
  if (given) return given;
  // An empty variable counts as none (XDG Base Directory Specification).
  const base = env[xdg] ?? '';
  return join(base === '' ? join(homedir(), below) : base, 'edge-cls');
}
