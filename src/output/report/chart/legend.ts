/** Names of series beside a sample of their line and symbol. */
import { element, escape } from '../html.ts';
import { seriesStyle } from '../palette.ts';
import { sampleMark } from './sample-mark.ts';

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
