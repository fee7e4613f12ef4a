/** The confusion matrix as a table: shaded by share of the actual class, read by everybody. */
import type { ConfusionBlock } from './data.ts';
import { formatNumber, formatUnit } from './format.ts';
import { element, escape } from './html.ts';
import { scrolling, tableHtml } from './table.ts';

/** Up to this many classes are shown as a matrix, more as a list of what is confused most. */
const matrixClasses = 16;
const listed = 20;
/** Shade of a full cell, percent of the colour; text stays readable on it. */
const fullShade = 45;

export function confusionHtml(block: ConfusionBlock): string {
  return block.labels.length <= matrixClasses ? matrix(block) : confusedMost(block);
}

function matrix({ title, labels, counts }: ConfusionBlock): string {
  const heads = ['actual ↓ predicted →', ...labels, 'recall'];
  const rows = labels.map((label, actual) => {
    const row = labels.map((_, predicted) => counts[actual]?.[predicted] ?? 0);
    const total = sum(row);
    const cells = row.map((count, predicted) =>
      element(
        'td',
        { class: predicted === actual ? 'number diagonal' : 'number', style: shade(count, total) },
        formatNumber(count),
      ),
    );
    const recall = formatUnit((row[actual] ?? 0) / total, 'percent');
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, escape(label)),
      ...cells,
      element('td', { class: 'number' }, recall),
    );
  });
  return scrolling(
    title,
    element(
      'table',
      { class: 'confusion' },
      element('caption', {}, escape(title)),
      element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, escape(head))))),
      element('tbody', {}, ...rows),
    ),
  );
}

function confusedMost({ title, labels, counts }: ConfusionBlock): string {
  const pairs = counts.flatMap((row, actual) =>
    row.flatMap((count, predicted) => (count > 0 && predicted !== actual ? [{ actual, predicted, count }] : [])),
  );
  const worst = pairs.sort((a, b) => b.count - a.count).slice(0, listed);
  return tableHtml({
    caption: `${title}: ${worst.length === 0 ? 'nothing is confused' : 'what is confused most'}`,
    columns: ['actual', 'predicted', 'frames', 'of the actual class'],
    rows: worst.map(({ actual, predicted, count }) => [
      labels[actual],
      labels[predicted],
      count,
      { value: count / sum(counts[actual] ?? []), unit: 'percent' },
    ]),
  });
}

function shade(count: number, total: number): string {
  const percent = total === 0 ? 0 : Math.round((fullShade * count) / total);
  return `background:color-mix(in srgb,var(--series-1) ${percent}%,transparent)`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
