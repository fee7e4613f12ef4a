/** What is written down about a trial while it trains, and what its score is. */
import type { Direction, TrialStatus } from './oracle.ts';
import type { Values } from './space.ts';

/** The metric that decides, and which way is better. */
export interface Objective {
  readonly name: string;
  readonly direction: Direction;
}

export interface EpochLog {
  /** From 0. */
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** File in the trial's directory; `null`: none was given, or it is no longer kept. */
  readonly checkpoint: string | null;
}

/** One training of a trial; a trial has several when its luck is to be averaged out. */
export interface ExecutionLog {
  readonly epochs: readonly EpochLog[];
  /** Ended before the last epoch, by early stopping or by the training itself. */
  readonly stoppedEarly: boolean;
}

export interface TrialLog {
  readonly id: string;
  readonly values: Values;
  readonly status: TrialStatus;
  /** Best epoch of each execution, averaged; `null` until all have ended. */
  readonly score: number | null;
  /** Whole part of the mean of the best epochs, from 0. */
  readonly bestStep: number;
  /** Why a failed trial failed. */
  readonly message: string | null;
  readonly executions: readonly ExecutionLog[];
  /** Time spent training, over all runs, seconds. */
  readonly seconds: number;
  /** Keras Tuner's `tuner/…` values, for Hyperband. */
  readonly tuner: Readonly<Record<string, number | string>>;
}

export function isBetter(a: number, b: number, direction: Direction): boolean {
  return direction === 'max' ? a > b : a < b;
}

/** The epoch with the best objective, the first of equals; `undefined` when there is none. */
export function bestEpoch({ epochs }: ExecutionLog, { name, direction }: Objective): EpochLog | undefined {
  let best: EpochLog | undefined;
  for (const epoch of epochs) {
    const value = epoch.metrics[name] ?? NaN;
    if (!Number.isFinite(value)) continue;
    if (best === undefined || isBetter(value, best.metrics[name] ?? NaN, direction)) best = epoch;
  }
  return best;
}

/**
 * Keras Tuner's score: the best epoch of each execution, averaged; the step is the whole part of
 * the mean of those epochs. `null` when an execution has no epoch with the objective.
 */
export function scoreOf(
  executions: readonly ExecutionLog[],
  objective: Objective,
): { score: number; bestStep: number } | null {
  const best = executions.map((execution) => bestEpoch(execution, objective));
  if (best.length === 0 || best.includes(undefined)) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    score: mean(best.map((epoch) => epoch?.metrics[objective.name] ?? NaN)),
    bestStep: Math.trunc(mean(best.map((epoch) => epoch?.epoch ?? 0))),
  };
}
