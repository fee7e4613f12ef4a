/** Seconds of processor time, of all cores together. */
import { readFileSync } from 'node:fs';

/** Of all threads of this process. */
export function ownCoreSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Of all children that have ended, and of theirs: `cutime` and `cstime` of proc(5), in ticks of 1/100 s. NaN without /proc. */
export function childCoreSeconds(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
    // Counted from the third field, the state.
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return NaN;
  }
}
