import { spawnSync } from 'node:child_process';

/** Whether the program is on the PATH, for tests that need one that not every machine has. */
export function available(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
