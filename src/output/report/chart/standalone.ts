/** Charts as one SVG picture for elsewhere: title and legend within, colours fixed, white ground. */
import type { ChartBlock } from '../data.ts';
import { element, escape } from '../html.ts';
import { light, seriesStyle } from '../palette.ts';
import { sampleMark } from './legend.ts';
import { seriesChart } from './series-chart.ts';

const width = 640;
const plotHeight = 380;
const margin = 16;
const titleHeight = 28;
const rowHeight = 22;
const sampleWidth = 28;
/** Of a character at 13 px, generously: fonts differ from box to box. */
const characterWidth = 7.5;

/** Rasterisers do not know `system-ui`; the first that is installed is taken. */
const fonts = 'system-ui, Arial, Liberation Sans, DejaVu Sans, Noto Sans, sans-serif';

/** One under the other, in their order. */
export function standaloneSvg(charts: readonly ChartBlock[]): string {
  let height = margin;
  const parts = charts.map((chart) => {
    const part = chartPart(chart);
    const placed = element('g', { transform: `translate(0,${height})` }, part.content);
    height += part.height + margin;
    return placed;
  });
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      color: light.text,
      fill: light.text,
      'font-family': fonts,
      'font-size': 13,
    },
    element('rect', { width, height, fill: light.card }),
    ...parts,
  );
  return `${fixedStyle(svg)}\n`;
}

function chartPart(chart: ChartBlock): { content: string; height: number } {
  const names = chart.series.length < 2 ? [] : chart.series.map(({ name }) => name);
  const legend = legendItems(names);
  const top = titleHeight + rowHeight * (1 + (legend.at(-1)?.row ?? -1));
  const plot = seriesChart(chart, { width: width - 2 * margin, height: plotHeight });
  const content = [
    element('text', { x: margin, y: 16, 'font-size': 16, 'font-weight': 600 }, escape(chart.title)),
    ...legend.map(({ name, x, row }, i) =>
      element(
        'g',
        { transform: `translate(${margin + x},${titleHeight + rowHeight * row})` },
        sampleMark(seriesStyle(i), chart.mark),
        element('text', { x: sampleWidth + 6, y: 10.5 }, escape(name)),
      ),
    ),
    element(
      'g',
      { transform: `translate(${margin},${top})` },
      plot ?? element('text', { y: 13 }, 'There is nothing to draw.'),
    ),
  ];
  return { content: content.join(''), height: top + (plot === undefined ? rowHeight : plotHeight) };
}

/** Rows are filled from the left. */
function legendItems(names: readonly string[]): { name: string; x: number; row: number }[] {
  let x = 0;
  let row = 0;
  return names.map((name) => {
    const needed = sampleWidth + 24 + characterWidth * name.length;
    if (x > 0 && x + needed > width - 2 * margin) {
      x = 0;
      row += 1;
    }
    const item = { name, x, row };
    x += needed;
    return item;
  });
}

/** The page's CSS variables as the light palette has them, and its font: rasterisers know neither. */
function fixedStyle(svg: string): string {
  return svg
    .replaceAll('"system-ui, sans-serif"', `"${fonts}"`)
    .replace(/var\(--series-(\d+)\)/g, (_, index: string) => light.series[Number(index) - 1] ?? light.text);
}
