/** A search while it goes on: which trial, how it stands, the best so far, how long it will take. */
import type { Clock } from '../../domain/clock.ts';
import { defaultRungs } from '../../search/asha.ts';
import type { Algorithm } from '../../search/oracle.ts';
import type { SearchProgress } from '../../search/search.ts';
import type { Values } from '../../search/space.ts';
import type { Objective, TrialLog } from '../../search/trial-log.ts';
import { duration, type ProgressLine } from '../progress-line.ts';

export interface PlannedSearch {
  readonly algorithm: Algorithm;
  /** Trials that there will be; `null` where the algorithm decides. */
  readonly trials: number | null;
  readonly epochs: number;
  readonly executions: number;
}

/** Epochs that the search trains at most; `null` where that is not known beforehand. */
export function plannedEpochs({ algorithm, trials, epochs, executions }: PlannedSearch): number | null {
  if (trials === null || algorithm === 'hyperband') return null;
  if (algorithm !== 'asha') return trials * epochs * executions;
  let before = 0;
  return defaultRungs(epochs).reduce((sum, rung, index) => {
    const added = Math.max(1, Math.floor(trials / 2 ** index)) * (rung - before);
    before = rung;
    return sum + added * executions;
  }, 0);
}

/** Writes to the line what the search tells. */
export function searchProgress(
  line: ProgressLine,
  planned: PlannedSearch,
  objective: Objective,
  clock: Pick<Clock, 'now'>,
): (progress: SearchProgress) => void {
  const startedAt = clock.now();
  const total = plannedEpochs(planned);
  let epochs = 0;
  let bestSoFar: TrialLog | null = null;
  return (progress) => {
    if (progress.kind === 'trial-end') {
      bestSoFar = progress.best;
      line.note(endText(progress.trial, progress.best, objective));
    } else if (progress.kind === 'epoch') {
      const secondsEach = (clock.now() - startedAt) / 1000 / ++epochs;
      const left = total === null || epochs >= total ? '' : `, about ${duration(secondsEach * (total - epochs))} left`;
      const value = progress.epoch.metrics[objective.name]?.toFixed(4) ?? '-';
      const best = bestSoFar?.score == null ? '' : `, best so far ${bestSoFar.score.toFixed(4)}`;
      line.update(
        `trial ${progress.trial.id} (${valuesText(progress.trial.values)}): epoch ${progress.epoch.epoch + 1}, ` +
          `${objective.name} ${value}${best}${left}`,
      );
    }
  };
}

function endText({ id, values, status, score, message }: TrialLog, best: TrialLog | null, { name }: Objective): string {
  const result = status === 'FAILED' ? `failed: ${message ?? ''}` : `${name} ${score?.toFixed(4) ?? '-'}`;
  const leader = best === null ? '' : `; best so far ${best.score?.toFixed(4) ?? '-'} (${valuesText(best.values)})`;
  return `trial ${id} (${valuesText(values)}): ${result}${leader}`;
}

/** `learning_rate 0.001, batch_size 32` */
export function valuesText(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ');
}

/** A line for each trial, best last in time being first in score: what was tried, how long, how good. */
export function trialTable(trials: readonly TrialLog[], { name }: Objective): string[] {
  const header = ['trial', 'epochs', 'time', name, 'status', 'values'];
  const rows = trials.map(({ id, executions, seconds, score, status, values }) => [
    id,
    String(executions.reduce((sum, { epochs }) => sum + epochs.length, 0)),
    duration(seconds),
    score?.toFixed(4) ?? '-',
    status.toLowerCase(),
    valuesText(values),
  ]);
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
