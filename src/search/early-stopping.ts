import { isBetter, type ExecutionLog, type Objective } from './trial-log.ts';

export interface EarlyStopping {
  /** Epochs without an improvement after which an execution ends. */
  readonly patience: number;
  /** How much the objective must change to count as an improvement, in its own units. */
  readonly minDelta?: number;
}

/**
 * Whether the last `patience` epochs brought nothing. Read from the log alone, so that a resumed
 * execution stops where an uninterrupted one would.
 */
export function shouldStop({ epochs }: ExecutionLog, objective: Objective, options: EarlyStopping): boolean {
  const margin = (objective.direction === 'max' ? 1 : -1) * (options.minDelta ?? 0);
  let best: number | undefined;
  let waited = 0;
  for (const { metrics } of epochs) {
    const value = metrics[objective.name] ?? NaN;
    const improved = best === undefined || isBetter(value, best + margin, objective.direction);
    if (improved) best = value;
    waited = improved ? 0 : waited + 1;
  }
  return waited >= options.patience;
}
