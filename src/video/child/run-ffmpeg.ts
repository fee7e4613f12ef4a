/** A short run of ffmpeg whose output is wanted whole: questions about itself or about a source. */
import { execa } from 'execa';
import { killAtExit } from './kill-at-exit.ts';
import { withoutAddress } from './private-address.ts';

export interface RunOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** Why it could not be started, for example `ENOENT`. */
  readonly code: string | undefined;
}

export interface RunLimits {
  readonly signal?: AbortSignal | undefined;
  /** Wall-clock limit, milliseconds. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

const graceMs = 1000;
const outputLimitCharacters = 4_000_000;

/**
 * Runs to the end, never rejects for what the child does; the child is gone when it resolves. An
 * address among the arguments is not shown to other users of the box.
 */
export async function runFfmpeg(path: string, args: readonly string[], limits: RunLimits = {}): Promise<RunOutput> {
  const { args: shown, input } = withoutAddress(args);
  const child = execa(path, shown, {
    reject: false,
    input,
    stripFinalNewline: false,
    forceKillAfterDelay: graceMs,
    // The guard kills groups.
    detached: true,
    maxBuffer: outputLimitCharacters,
    env: { AV_LOG_FORCE_NOCOLOR: '1' },
    ...(limits.signal === undefined ? {} : { cancelSignal: limits.signal }),
    ...(limits.timeoutMs === undefined ? {} : { timeout: limits.timeoutMs }),
    ...(limits.cwd === undefined ? {} : { cwd: limits.cwd }),
  });
  const forget = child.pid === undefined ? () => undefined : killAtExit(child.pid);
  const result = await child;
  forget();
  return {
    stdout: result.stdout,
    stderr: result.stderr,
    exitCode: result.exitCode,
    timedOut: result.timedOut,
    aborted: result.isCanceled,
    code: result.code,
  };
}
