import { describe, expect, it } from 'vitest';
import { answered, telling } from '../../../src/learning/head/example-photographs.ts';
import { epochCharts, headReport } from '../../../src/learning/head/head-report.ts';

const epochs = [0, 1, 2].map((epoch) => ({
  epoch,
  training: { loss: 1 / (epoch + 1), accuracy: 0.5 + 0.1 * epoch },
  validation: { loss: 2 / (epoch + 1), accuracy: 0.4 + 0.1 * epoch },
}));
const logit = (probability: number) => Float32Array.of(Math.log(probability / (1 - probability)));

describe('epochCharts', () => {
  it('should count epochs from 1 and keep training apart from validation', () => {
    const [accuracy, loss] = epochCharts(epochs);
    expect(accuracy.series.map(({ name, points }) => [name, points.at(-1)])).toEqual([
      ['training', { x: 3, y: 0.7 }],
      ['validation', { x: 3, y: 0.6000000000000001 }],
    ]);
    expect(loss.series[1]?.points[0]).toEqual({ x: 1, y: 2 });
  });
});

describe('headReport', () => {
  it('should have the accuracy with its interval and both confusions', () => {
    // Two of three cats, and the dog.
    const set = { name: 'test', logits: [0.1, 0.2, 0.9, 0.8].map(logit), classes: [0, 0, 0, 1] };
    const { sections } = headReport({
      ...{ title: 'Pets', labels: ['cat', 'dog'], sets: [set], examples: undefined, facts: [] },
      trained: { epochs, best: { ...epochs[2]!, state: undefined as never }, temperature: 1 },
    });
    const [table, , confusion] = sections.map(({ blocks }) => blocks[0]);
    expect(table).toMatchObject({ kind: 'table' });
    const [row] = table?.kind === 'table' ? table.rows : [];
    expect(row?.slice(0, 2)).toEqual(['test', 4]);
    expect(row?.[2]).toMatchObject({ value: 0.75, unit: 'percent' });
    expect(confusion).toMatchObject({
      kind: 'confusion',
      counts: [
        [2, 1],
        [0, 1],
      ],
    });
  });
});

describe('telling', () => {
  it('should begin with the surest of the wrong and the least sure of the right', () => {
    const probabilities = [0.99, 0.6, 0.1, 0.4, 0.7, 0.95];
    const photographs = probabilities.map((_, i) => ({ path: `${i}.jpg`, label: i < 4 ? 0 : 1, digest: '' }));
    const { wrong, right } = telling(answered(photographs, probabilities.map(logit), 1));
    expect(wrong.map(({ path }) => path)).toEqual(['0.jpg', '1.jpg']);
    expect(right.map(({ path }) => path)).toEqual(['3.jpg', '4.jpg', '2.jpg', '5.jpg']);
    expect(right[0]?.confidence).toBeCloseTo(0.6, 6);
  });
});
