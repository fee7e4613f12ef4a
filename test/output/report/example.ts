/** A report with every kind of block, in sizes as a real fit has them. */
import type { ChartBlock, Report, ReportImage } from '../../../src/output/report/data.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { geometryOf, randomNumbers } from '../../support/front-end.ts';

const random = randomNumbers(1);

export function curves(title: string, label: string, end: number): ChartBlock {
  const falling = (offset: number) =>
    Array.from({ length: 5 }, (_, i) => ({ x: i + 1, y: end + (0.3 + offset) * Math.exp(-i) }));
  return {
    kind: 'chart',
    title,
    mark: 'line',
    x: { label: 'epoch' },
    y: { label },
    series: [
      { name: 'training', points: falling(0) },
      { name: 'validation', points: falling(0.05 * random()) },
    ],
  };
}

export const learningRates: ChartBlock = {
  kind: 'chart',
  title: 'Learning rate and score',
  mark: 'point',
  x: { label: 'learning rate', scale: 'log' },
  y: { label: 'accuracy', unit: 'percent' },
  series: ['random', 'hyperband', 'bayesian', 'asha'].map((name) => ({
    name,
    points: Array.from({ length: 8 }, () => {
      const power = 2 + 3 * random();
      return { x: 10 ** -power, y: 0.97 - 0.04 * (power - 3.3) ** 2 - 0.01 * random() };
    }),
  })),
};

export const loss: ChartBlock = {
  kind: 'chart',
  title: 'Loss per step',
  mark: 'line',
  x: { label: 'step' },
  y: { label: 'loss', scale: 'log' },
  series: [
    {
      name: 'loss',
      points: Array.from({ length: 5000 }, (_, x) => ({ x, y: 5 * Math.exp(-x / 900) + 0.05 + 0.1 * random() })),
    },
  ],
};

function picture(caption: string, verdict?: 'right' | 'wrong'): ReportImage {
  const side = 150;
  const rgb = new Uint8Array(3 * side * side);
  const [fx, fy] = [random() / 9, random() / 9];
  for (let i = 0; i < rgb.length; i++) {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    rgb[i] = 127 + 120 * Math.sin(x * fx + y * fy + (i % 3));
  }
  return { caption, width: side, height: side, rgb, ...(verdict !== undefined && { verdict }) };
}

const bins = (bend: number) =>
  Array.from({ length: 10 }, (_, i) => {
    const confidence = (i + 0.5) / 10;
    return { count: 4 * i * i, confidence, accuracy: confidence ** bend };
  });

export const example: Report = {
  title: 'Adapter for front-door at 1080p',
  summary: 'Adopted: agreement rose from 81.2 to 97.1 % on 120 frames that were held out.',
  sections: [
    {
      heading: 'Before and after',
      blocks: [
        {
          kind: 'table',
          caption: 'On 120 frames held out, with 95 % intervals',
          columns: ['', 'closed form', 'adapted'],
          rows: [
            [
              'accuracy',
              { value: 0.812, low: 0.732, high: 0.876, unit: 'percent' },
              { value: 0.9712, low: 0.924, high: 0.992, unit: 'percent' },
            ],
            ['KL divergence', 0.41234, 0.0213],
            ['expected calibration error', { value: 0.0713, unit: 'percent' }, { value: 0.0212, unit: 'percent' }],
            ['time of the fit', undefined, { value: 41.23, unit: 'seconds' }],
          ],
        },
        {
          kind: 'facts',
          facts: [
            ['bundle', 'inception-v3-cats-dogs'],
            ['digest', 'sha256:8d5e957f297893487bd98fa830fa6413f6d8e4f1e8b1b1e7a0d3f5a8a1b2c3d4'],
            ['seed', 7],
            ['parameters', 528],
            ['size', { value: 2112, unit: 'bytes' }],
            ['forced', false],
          ],
        },
      ],
    },
    {
      heading: 'Curves',
      blocks: [
        { kind: 'text', text: 'Measured after each epoch on the training and the held-out frames.' },
        curves('Accuracy per epoch', 'accuracy', 0.9),
        curves('Loss per epoch', 'loss', 0.1),
        learningRates,
        loss,
      ],
    },
    {
      heading: 'Calibration and confusion',
      blocks: [
        {
          kind: 'reliability',
          title: 'Reliability',
          series: [
            { name: 'closed form', bins: bins(1.6) },
            { name: 'adapted', bins: bins(1.1) },
          ],
        },
        {
          kind: 'confusion',
          title: 'Confusion',
          labels: ['cat', 'dog'],
          counts: [
            [243, 7],
            [11, 239],
          ],
        },
      ],
    },
    {
      heading: 'The 528 parameters',
      blocks: [
        {
          kind: 'filters',
          title: 'Kernels',
          weights: closedForm(geometryOf(150, 150, [1, 2], [1, 2], 'edge'), 'triangle').weights,
        },
      ],
    },
    {
      heading: 'As the classifier sees it',
      blocks: [
        {
          kind: 'images',
          caption: 'Frames before and after',
          rows: [0, 1].map((row) => ({
            caption: `frame ${row}`,
            images: [picture('closed form: dog 51 %', 'wrong'), picture('adapted: cat 98 %', 'right')],
          })),
        },
      ],
    },
  ],
};
