import { chmod, mkdir, readFile, stat, writeFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { UserError } from '../../../domain/errors.ts';
import type { Step } from './plan.ts';

export type Outcome = 'done' | 'unchanged' | 'kept' | 'skipped';

export interface ApplyOptions {
  /** Files go below this directory; `/` is the box itself. */
  readonly root: string;
  /** Told after each step. */
  readonly onStep: (step: Step, outcome: Outcome) => void;
}

/**
 * Carries the steps out. Running it again changes nothing that is already so.
 *
 * @throws UserError naming the step that failed; the ones before it stay.
 */
export async function applyPlan(steps: readonly Step[], { root, onStep }: ApplyOptions): Promise<void> {
  for (const step of steps) {
    onStep(step, await apply(step, root).catch((cause: unknown) => fail(step, cause)));
  }
}

function apply(step: Step, root: string): Promise<Outcome> {
  switch (step.kind) {
    case 'directory':
      return makeDirectory(join(root, step.path), step.mode);
    case 'file':
      return writeOnce(join(root, step.path), step);
    case 'command':
      return run(step, root);
  }
}

async function makeDirectory(path: string, mode: number): Promise<Outcome> {
  if ((await modeOf(path)) === mode) return 'unchanged';
  await mkdir(path, { recursive: true });
  // Not through mkdir, which the umask narrows.
  await chmod(path, mode);
  return 'done';
}

async function writeOnce(path: string, { text, mode, keep }: Extract<Step, { kind: 'file' }>): Promise<Outcome> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before !== undefined && keep) return 'kept';
  if (before === text && (await modeOf(path)) === mode) return 'unchanged';
  await mkdir(dirname(path), { recursive: true });
  // A unit or a wrapper that is half written must never be read.
  const temporary = `${path}.new`;
  await writeFile(temporary, text);
  await chmod(temporary, mode);
  await rename(temporary, path);
  return 'done';
}

async function run({ command, running }: Extract<Step, { kind: 'command' }>, root: string): Promise<Outcome> {
  if (running && root !== '/') return 'skipped';
  const [program = '', ...args] = command;
  await execa(program, root === '/' ? args : [`--root=${root}`, ...args], { stdin: 'ignore' });
  return 'done';
}

async function modeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mode }) => mode & 0o7777,
    () => undefined,
  );
}

function fail(step: Step, cause: unknown): never {
  const what = step.kind === 'command' ? step.command.join(' ') : step.path;
  const denied = cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM');
  const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  throw new UserError(`The installation stopped at ${what} (${why})${denied ? ': run it as root' : ''}`, { cause });
}
