/** Names of series beside a sample of their line and symbol. */
import { element, escape } from '../html.ts';
import { seriesStyle, type SeriesStyle } from '../palette.ts';

/** One series needs no legend: the chart's title names it. */
export function legendHtml(names: readonly string[], mark: 'line' | 'point'): string {
  if (names.length < 2) return '';
  return element(
    'ul',
    { class: 'legend' },
    ...names.map((name, i) => {
      const sample = element(
        'svg',
        { viewBox: '0 0 28 12', width: 28, height: 12, 'aria-hidden': 'true' },
        sampleMark(seriesStyle(i), mark),
      );
      return element('li', {}, sample, escape(name));
    }),
  );
}

/** The symbols of d3-shape at radius 4 around (14, 6), as near as a legend needs. */
const shapes: Readonly<Record<SeriesStyle['symbol'], string>> = {
  circle: 'M10,6a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z',
  triangle: 'M14,1.4L18.6,9.4H9.4Z',
  square: 'M10.5,2.5h7v7h-7z',
  diamond: 'M14,0.8L17.2,6L14,11.2L10.8,6Z',
  star: 'M14,0.6L15.3,4.3L19.2,4.3L16.1,6.7L17.2,10.4L14,8.2L10.8,10.4L11.9,6.7L8.8,4.3L12.7,4.3Z',
  cross: 'M10,4.6h2.6v-2.6h2.8v2.6h2.6v2.8h-2.6v2.6h-2.8v-2.6h-2.6z',
};

/** A bit of a series' line with its symbol, 28 wide and 12 high, as children of an `<svg>`. */
export function sampleMark({ colour, dash, symbol }: SeriesStyle, mark: 'line' | 'point'): string {
  const line = element('path', { d: 'M0,6H28', stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash });
  return (mark === 'line' ? line : '') + element('path', { d: shapes[symbol], fill: colour });
}
