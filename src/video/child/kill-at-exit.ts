/** Children in groups of their own would outlive a process that ends without closing them. */
import { guardGroup } from './orphan-guard.ts';

const groups = new Set<number>();
let installed = false;

/** Kills the process group when this process ends, however it ends, until the returned function is called. */
export function killAtExit(pid: number): () => void {
  groups.add(pid);
  const unguard = guardGroup(pid);
  if (!installed) {
    installed = true;
    process.once('exit', killAll);
  }
  return () => {
    groups.delete(pid);
    unguard();
  };
}

function killAll(): void {
  for (const pid of groups) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}
