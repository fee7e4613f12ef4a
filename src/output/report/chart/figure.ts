/** A chart with its title, legend and, for those who cannot see it, its numbers. */
import type { ChartBlock, TableBlock } from '../data.ts';
import { element, escape } from '../html.ts';
import { tableHtml } from '../table.ts';
import { legendHtml } from './legend.ts';
import { drawable, seriesChart } from './series-chart.ts';
import { sample } from './thin.ts';

/** Small enough that text stays readable on a phone, where the drawing is scaled to about 300. */
export const chartSize = { width: 400, height: 280 };

/** Rows of numbers kept under a chart. */
const tableRows = 200;

export interface Figure {
  readonly title: string;
  readonly legend?: string;
  /** SVG or HTML; undefined where there is nothing to draw. */
  readonly drawing: string | undefined;
  readonly note?: string;
  readonly table?: Omit<TableBlock, 'kind'>;
}

export function figureHtml({ title, legend = '', drawing, note, table }: Figure): string {
  return element(
    'figure',
    {},
    element('figcaption', {}, escape(title)),
    legend,
    drawing ?? element('p', { class: 'dim' }, 'There is nothing to draw.'),
    note === undefined ? '' : element('p', { class: 'dim' }, escape(note)),
    table === undefined ? '' : element('details', {}, element('summary', {}, 'Numbers'), tableHtml(table)),
  );
}

export function chartFigure(chart: ChartBlock): string {
  const { omitted } = drawable(chart);
  return figureHtml({
    title: chart.title,
    legend: legendHtml(
      chart.series.map(({ name }) => name),
      chart.mark,
    ),
    drawing: seriesChart(chart, chartSize),
    ...(omitted > 0 && {
      note: `${omitted} ${omitted === 1 ? 'value is' : 'values are'} not drawn: not finite, or not above 0 on a log scale.`,
    }),
    table: numbers(chart),
  });
}

function numbers({ title, x, y, series }: ChartBlock): Omit<TableBlock, 'kind'> {
  const rows = series.flatMap(({ name, points }) =>
    points.map((point) => [name, unitCell(point.x, x), unitCell(point.y, y)]),
  );
  const kept = sample(rows, tableRows);
  const caption = kept.length < rows.length ? `${title}, ${kept.length} of ${rows.length} points` : title;
  return { caption, columns: ['series', x.label, y.label], rows: kept };
}

function unitCell(value: number, { unit }: ChartBlock['x']) {
  return unit === undefined ? value : { value, unit };
}
