import type { Space, Value } from './space.ts';
import type { TrialLog } from './trial-log.ts';

/** All trials as comma-separated values (RFC 4180): one row each, times in seconds, epochs from 0. */
export function trialsCsv(trials: readonly TrialLog[], space: Space): string {
  const names = space.map(({ name }) => name);
  const head = ['trial', 'status', 'score', 'best_epoch', 'epochs', 'seconds', ...names, 'message'];
  const rows = trials.map((trial) => [
    trial.id,
    trial.status,
    trial.score ?? '',
    trial.score === null ? '' : trial.bestStep,
    trial.executions.reduce((sum, { epochs }) => sum + epochs.length, 0),
    Number(trial.seconds.toFixed(3)),
    ...names.map((name) => trial.values[name] ?? ''),
    trial.message ?? '',
  ]);
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: Value): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
