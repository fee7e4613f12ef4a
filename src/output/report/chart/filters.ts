/** The 528 parameters as pictures: a kernel per output and input channel. */
import * as Plot from '@observablehq/plot';
import type { FiltersBlock } from '../data.ts';
import { formatNumber } from '../format.ts';
import { element, escape } from '../html.ts';
import { draw } from './draw.ts';
import { figureHtml } from './figure.ts';

const channels = ['R', 'G', 'B'] as const;
const size = { width: 340, height: 340 };

interface Cell {
  readonly output: string;
  readonly input: string;
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** Two figures, conv1 and conv2, each with its own symmetric scale: brown is negative, teal positive. */
export function filtersHtml({ title, weights }: FiltersBlock): string {
  const { conv1Weight, conv1Bias, conv2Weight, conv2Bias } = weights;
  return element(
    'div',
    { class: 'filters wide' },
    element('p', { class: 'caption' }, escape(title)),
    layerFigure('conv1, 7×7', kernelCells(conv1Weight, 7), conv1Bias),
    layerFigure('conv2, 3×3', kernelCells(conv2Weight, 3), conv2Bias),
  );
}

function layerFigure(name: string, cells: readonly Cell[], bias: ArrayLike<number>): string {
  const largest = Math.max(...cells.map(({ value }) => Math.abs(value))) || 1;
  const colour = { type: 'diverging', scheme: 'BrBG', domain: [-largest, largest] } as const;
  const drawing = draw(name, size, {
    marginLeft: 40,
    marginTop: 40,
    marginBottom: 4,
    marginRight: 4,
    padding: 0,
    color: colour,
    x: { axis: null },
    y: { axis: null },
    fx: { label: 'input channel', domain: channels, padding: 0.08, axis: 'top' },
    fy: { label: 'output channel', domain: channels, padding: 0.08, axis: 'left' },
    marks: [
      Plot.cell([...cells], {
        fx: 'input',
        fy: 'output',
        x: 'column',
        y: 'row',
        fill: 'value',
        shapeRendering: 'crispEdges',
      }),
    ],
  });
  const biases = channels.map((channel, i) => `${channel} ${formatNumber(bias[i] ?? 0)}`).join(', ');
  return figureHtml({
    title: name,
    legend: ramp(largest, (value) => String(Plot.scale({ color: colour }).apply(value))),
    drawing,
    note: `Bias of the output channels: ${biases}.`,
    table: {
      caption: name,
      columns: ['output', 'input', 'row', 'column', 'weight'],
      rows: cells.map(({ output, input, row, column, value }) => [output, input, row, column, value]),
    },
  });
}

/** Input shape: [3, 3, side, side]. */
function kernelCells(weights: ArrayLike<number>, side: number): readonly Cell[] {
  return Array.from(weights, (value, i) => ({
    output: channels[Math.floor(i / (3 * side * side))] ?? '',
    input: channels[Math.floor(i / (side * side)) % 3] ?? '',
    row: Math.floor(i / side) % side,
    column: i % side,
    value,
  }));
}

function ramp(largest: number, colourOf: (value: number) => string): string {
  const stops = Array.from({ length: 9 }, (_, i) => colourOf(largest * (i / 4 - 1)));
  return element(
    'p',
    { class: 'ramp' },
    element('span', {}, formatNumber(-largest)),
    element('span', { class: 'bar', style: `background:linear-gradient(90deg,${stops.join(',')})` }),
    element('span', {}, formatNumber(largest)),
  );
}
