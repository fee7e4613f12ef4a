/** The reliability diagram: how often the classifier is right when it is so sure. */
import * as Plot from '@observablehq/plot';
import type { ReliabilityBlock } from '../data.ts';
import { seriesStyle } from '../palette.ts';
import { draw } from './draw.ts';
import { figureHtml } from './figure.ts';
import { legendHtml } from './legend.ts';

const size = { width: 400, height: 380 };
/** Radius of the dot of the fullest bin. */
const largest = 9;

/**
 * A dot per bin at its mean confidence and accuracy, its area by the bin's frames; on the dashed
 * line the classifier is calibrated.
 * Reference: Guo et al. 2017, "On Calibration of Modern Neural Networks", figure 1.
 */
export function reliabilityFigure({ title, series }: ReliabilityBlock): string {
  const filled = series.map(({ name, bins }) => ({ name, bins: bins.filter(({ count }) => count > 0) }));
  const most = Math.max(...filled.flatMap(({ bins }) => bins.map(({ count }) => count)));
  const axis = { domain: [0, 100], percent: true };
  const drawing = draw(title, size, {
    x: { ...axis, label: 'confidence (%)' },
    y: { ...axis, label: 'accuracy (%)', grid: true },
    r: { type: 'sqrt', domain: [0, most], range: [0, largest] },
    marks: [
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '4 4' },
      ),
      ...filled.flatMap(({ bins }, i) => {
        const { colour, dash, symbol } = seriesStyle(i);
        const place = { x: 'confidence', y: 'accuracy' };
        return [
          Plot.line([...bins], {
            ...place,
            stroke: colour,
            strokeWidth: 2,
            ...(dash !== undefined && { strokeDasharray: dash }),
          }),
          Plot.dot([...bins], { ...place, r: 'count', symbol, fill: colour, fillOpacity: 0.8 }),
        ];
      }),
    ],
  });
  return figureHtml({
    title,
    legend: legendHtml(
      series.map(({ name }) => name),
      'line',
    ),
    drawing: most > 0 ? drawing : undefined,
    table: {
      caption: title,
      columns: ['series', 'frames', 'confidence', 'accuracy'],
      rows: filled.flatMap(({ name, bins }) =>
        bins.map(({ count, confidence, accuracy }) => [
          name,
          count,
          { value: confidence, unit: 'percent' as const },
          { value: accuracy, unit: 'percent' as const },
        ]),
      ),
    },
  });
}
