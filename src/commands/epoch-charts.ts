/** Accuracy and loss over the epochs, as the paper's figures 3 and 4 show them. */
import type { ChartBlock, Series } from '../output/report/data.ts';

/** Series of accuracies (0 to 1) and losses (nats); points' x is the epoch, from 1. */
export function epochCharts(accuracy: readonly Series[], loss: readonly Series[]): [ChartBlock, ChartBlock] {
  const x = { label: 'epoch' };
  return [
    { kind: 'chart', title: 'Accuracy', mark: 'line', x, y: { label: 'accuracy', unit: 'percent' }, series: accuracy },
    { kind: 'chart', title: 'Loss', mark: 'line', x, y: { label: 'cross-entropy, nats' }, series: loss },
  ];
}
