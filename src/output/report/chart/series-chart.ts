/** Curves and scattered points: accuracy and loss per epoch, learning rate against score. */
import * as Plot from '@observablehq/plot';
import type { ChartBlock, Point, Series } from '../data.ts';
import { seriesStyle } from '../palette.ts';
import { draw, type Size } from './draw.ts';
import { axisScale, isDrawable } from './scale.ts';
import { thin } from './thin.ts';

/** More points than this are not told apart on paper, and make the file heavy. */
const drawnPoints = 1000;
/** Up to this many points of a line are marked. */
const markedPoints = 30;

/** What of a chart can be drawn, and how many of its points cannot. */
export interface Drawable {
  readonly series: readonly Series[];
  readonly omitted: number;
}

/** Points that are not finite, or not above 0 on a log scale, have no place. */
export function drawable({ x, y, series }: ChartBlock): Drawable {
  const kept = series.map(({ name, points }) => ({
    name,
    points: points.filter((point) => isDrawable(point.x, x) && isDrawable(point.y, y)),
  }));
  return { series: kept, omitted: countPoints(series) - countPoints(kept) };
}

/** Undefined where nothing can be drawn. */
export function seriesChart(chart: ChartBlock, size: Size): string | undefined {
  const series = drawable(chart).series.map(({ points }) => thin(points, drawnPoints));
  const all = series.flat();
  if (all.length === 0) return undefined;
  const xs = all.map(({ x }) => x);
  const ys = all.map(({ y }) => y);
  return draw(chart.title, size, {
    x: axisScale(chart.x, xs),
    y: { ...axisScale(chart.y, ys), grid: true },
    marks: series.flatMap((points, i) => marks(chart.mark, points, i)),
  });
}

function marks(mark: ChartBlock['mark'], points: readonly Point[], index: number): Plot.Markish[] {
  const { colour, dash, symbol } = seriesStyle(index);
  const dots = Plot.dot([...points], { x: 'x', y: 'y', symbol, r: 3, fill: colour, clip: false });
  if (mark === 'point') return [dots];
  const line = Plot.line([...points], {
    x: 'x',
    y: 'y',
    stroke: colour,
    strokeWidth: 2,
    ...(dash !== undefined && { strokeDasharray: dash }),
  });
  return points.length <= markedPoints ? [line, dots] : [line];
}

function countPoints(series: readonly Series[]): number {
  return series.reduce((sum, { points }) => sum + points.length, 0);
}
