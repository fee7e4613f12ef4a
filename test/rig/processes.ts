/** What /proc says of a process and its children. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** One letter of proc(5); `Z` is a zombie. */
  readonly state: string;
}

/** Every process of the machine at this moment. */
export function processes(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => factsOf(Number(name)) ?? []);
}

/** Children of the process, zombies with them. */
export function childrenOf(pid: number): ProcessFacts[] {
  return processes().filter(({ parent }) => parent === pid);
}

export function isAlive(pid: number): boolean {
  const state = factsOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** Resident memory, bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status') ?? '')?.[1] ?? 0) * 1024;
}

export interface CpuSeconds {
  /** Of all its threads. */
  readonly own: number;
  /** Of its children that have ended and were reaped. */
  readonly reaped: number;
}

export function cpuSeconds(pid: number): CpuSeconds {
  const fields =
    /\) \S (.*)$/s
      .exec(read(pid, 'stat') ?? '')?.[1]
      ?.split(' ')
      .map(Number) ?? [];
  // utime, stime, cutime and cstime of proc(5), in ticks, of which Linux shows 100 a second everywhere.
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(10, 14);
  return { own: (user + system) / 100, reaped: (childUser + childSystem) / 100 };
}

export function openDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Arguments as `ps` shows them to everybody. */
export function argumentsOf(pid: number): string {
  return (read(pid, 'cmdline') ?? '').replaceAll('\0', ' ');
}

function factsOf(pid: number): ProcessFacts | undefined {
  // The name is in parentheses and may hold some itself.
  const [, name = '', state = '', parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(read(pid, 'stat') ?? '') ?? [];
  return parent === undefined ? undefined : { pid, parent: Number(parent), name, state };
}

/** Undefined when the process has gone. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}
