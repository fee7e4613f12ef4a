/** What a program costs, seen from outside: it and all that it starts. */
import { readdirSync, readFileSync } from 'node:fs';
import { execa, ExecaError } from 'execa';
import { UserError } from '../../domain/errors.ts';
import { childCoreSeconds } from './core-seconds.ts';

export interface ProgramCost {
  /** From its start to its end. */
  readonly seconds: number;
  /** NaN where the system has no /proc. */
  readonly coreSeconds: number;
  /** The most that was seen at a time, memory that processes share counted once; 0 where the system does not tell. */
  readonly peakBytes: number;
  readonly stdout: string;
}

const lookMs = 100;

/**
 * Runs a line of the shell to its end. Throws a `UserError` with its last words where it fails.
 * One at a time: processor time is told of all children together.
 */
export async function programCost(line: string): Promise<ProgramCost> {
  const before = childCoreSeconds();
  const start = performance.now();
  const child = execa(line, { shell: true, stdin: 'ignore' });
  let peakBytes = 0;
  const looking = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, treeBytes(child.pid));
  }, lookMs);
  try {
    const { stdout } = await child;
    const seconds = (performance.now() - start) / 1000;
    return { seconds, coreSeconds: childCoreSeconds() - before, peakBytes, stdout };
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const words = String(error.stderr).trim().split('\n').at(-1) ?? '';
    throw new UserError(`the program must end well, it did not (${error.shortMessage}): ${words}`);
  } finally {
    clearInterval(looking);
  }
}

/** Of a process and its descendants: each page of memory divided by how many have it. */
function treeBytes(root: number): number {
  const all = processes();
  const sum = (pid: number): number =>
    all.filter(({ parent }) => parent === pid).reduce((bytes, child) => bytes + sum(child.pid), proportionalBytes(pid));
  return sum(root);
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(/\) \S (\d+)/.exec(fileOf(name, 'stat'))?.[1] ?? NaN) }));
}

function proportionalBytes(pid: number): number {
  return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(fileOf(pid, 'smaps_rollup'))?.[1] ?? 0);
}

/** Empty when the process has gone. */
function fileOf(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
