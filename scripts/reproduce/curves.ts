import { epochCharts } from '../../src/commands/epoch-charts.ts';
import type { ChartBlock } from '../../src/output/report/data.ts';
import type { TrialLog } from '../../src/search/trial-log.ts';

/** Validation accuracy and loss per epoch for each learning rate, as the paper's figures 3 and 4. */
export function curveCharts(trials: readonly TrialLog[]): ChartBlock[] {
  const ordered = trials.toSorted((a, b) => Number(b.values['learning_rate']) - Number(a.values['learning_rate']));
  const series = (metric: string) =>
    ordered.map(({ values, executions: [first] }) => ({
      name: String(values['learning_rate']),
      points: (first?.epochs ?? []).map(({ epoch, metrics }) => ({ x: epoch + 1, y: metrics[metric] ?? NaN })),
    }));
  return epochCharts(series('val_accuracy'), series('val_loss'));
}
