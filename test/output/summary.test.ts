import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StateEvent } from '../../src/domain/event.ts';
import type { ScoredPrediction } from '../../src/domain/prediction.ts';
import { pictureRows } from '../../src/output/picture-table.ts';
import { RunStatistics } from '../../src/output/run-statistics.ts';
import { summaryJson, summaryTable } from '../../src/output/summary.ts';
import { width } from '../../src/output/terminal-text.ts';

const event: StateEvent = {
  stream: 'door',
  kind: 'onset',
  label: 'cup',
  probability: 1,
  presentationSeconds: 0,
  sequence: 0,
};

function example() {
  const statistics = new RunStatistics();
  const { subscriber } = statistics;
  const prediction = { capturedAt: 0, decidedAt: 20 } as ScoredPrediction;
  for (let i = 0; i < 100; i++) subscriber({ type: 'prediction', stream: 'door', prediction, labels: [] });
  subscriber({ type: 'stage_run', stage: 'backbone', seconds: 0.01 });
  const told = (change: Partial<StateEvent>) =>
    subscriber({ type: 'event', stream: 'door', event: { ...event, ...change } });
  told({});
  told({ kind: 'offset', durationSeconds: 1.5 });
  told({ kind: 'offset', durationSeconds: 2 });
  told({ kind: 'offset', label: 'water bottle', durationSeconds: 4 });
  return statistics.summary(
    4,
    new Map([
      ['door', { received: 105, classified: 100, dropped: { stale: 3, corrupt: 1, geometry: 0 }, inFlight: 1 }],
      ['backyard', { received: 0, classified: 0, dropped: {}, inFlight: 0 }],
    ]),
  );
}

describe('summaryTable', () => {
  it('should align frames, latencies, events and time per label', () => {
    expect(summaryTable(example())).toBe(
      [
        'stream    frames  classified  dropped                 frames/s  latency ms  events',
        'door         105         100  4 (stale 3, corrupt 1)      25.0        20.0       4',
        'backyard       0           0  0                            0.0           -       0',
        '',
        'stream  label         on for s',
        'door    water bottle       4.0',
        'door    cup                3.5',
        '',
      ].join('\n'),
    );
  });

  it('should have quantiles and stages where more is wanted', () => {
    expect(summaryTable(example(), { verbose: true })).toBe(
      [
        'stream    frames  classified  dropped                 frames/s  p50 ms  p90 ms  p99 ms  max ms  events',
        'door         105         100  4 (stale 3, corrupt 1)      25.0    20.0    20.0    20.0    20.0       4',
        'backyard       0           0  0                            0.0       -       -       -       -       0',
        '',
        'stage               runs  p50 ms  p90 ms  p99 ms  max ms',
        'classifier (batch)     1    10.0    10.0    10.0    10.0',
        '',
        'stream  label         on for s',
        'door    water bottle       4.0',
        'door    cup                3.5',
        '',
      ].join('\n'),
    );
  });

  it('should add up where there are many', () => {
    const { streams, seconds } = example();
    const [door] = streams;
    const many = Array.from({ length: 300 }, (_, i) => ({ ...door!, stream: `clip-${i}` }));
    const [, ...rows] = summaryTable({ seconds, streams: many, stages: [] }).split('\n\n')[0]!.split('\n');
    expect(rows).toHaveLength(301);
    expect(rows.at(-1)?.split(/ {2,}/)).toEqual(['all 300', '31500', '30000', '1200', '7500.0', '-', '1200']);
  });

  it('should be empty for a run without streams', () => {
    expect(summaryTable({ seconds: 0, streams: [], stages: [] })).toBe('');
  });
});

describe('pictures', () => {
  const statistics = new RunStatistics();
  const names = ['b.png', 'c.jpg', 'a.jpg'];
  names.forEach((file, i) =>
    statistics.subscriber({
      type: 'picture',
      stream: 'shelf',
      position: (i + 1) % 3,
      picture: { file: join(process.cwd(), file), label: 'cup', probability: 0.5 + i / 10 },
    }),
  );
  const counts = { received: 3, classified: 3, dropped: {}, inFlight: 0 };
  const summary = statistics.summary(1, new Map([['shelf', counts]]));
  const table = (options: object) => summaryTable(summary, options).split('\n\n')[1];

  it('should be a table of file, label and probability, in the order of the folder', () => {
    expect(table({})).toBe(
      [
        'file   label  probability',
        'a.jpg  cup           0.70',
        'b.png  cup           0.50',
        'c.jpg  cup           0.60',
        '',
      ].join('\n'),
    );
  });

  it('should be cut on a terminal, with the number of the others', () => {
    expect(table({ mostPictures: 1 })).toBe(
      ['file   label  probability', 'a.jpg  cup           0.70', '… and 2 more, which --json and --csv have', ''].join(
        '\n',
      ),
    );
  });

  it('should all be there for programs, with whole paths', () => {
    expect(summaryJson(summary).streams[0]?.pictures.map(({ file, probability }) => [file, probability])).toEqual([
      [join(process.cwd(), 'a.jpg'), 0.7],
      [join(process.cwd(), 'b.png'), 0.5],
      [join(process.cwd(), 'c.jpg'), 0.6],
    ]);
  });

  it('should lose the beginning of a path that is too long', () => {
    const { rows } = pictureRows([{ file: `/${'水'.repeat(50)}/end.jpg`, label: 'cup', probability: 1 }], 9);
    const [path = ''] = rows[0] ?? [];
    expect(width(path)).toBeLessThanOrEqual(60);
    expect(path).toMatch(/^….*\/end\.jpg$/);
  });
});

describe('summaryJson', () => {
  it('should have the same figures with units in the names', () => {
    const json = JSON.parse(JSON.stringify(summaryJson(example()))) as unknown;
    const quantiles = { mean: 0.02, p50: 0.02, p90: 0.02, p99: 0.02, max: 0.02 };
    expect(json).toMatchObject({
      schema: 1,
      duration_seconds: 4,
      streams: [
        {
          stream: 'door',
          frames: { received: 105, classified: 100, dropped: { stale: 3, corrupt: 1 }, in_flight: 1 },
          frames_per_second: 25,
          age_seconds: { count: 100, ...quantiles },
          events: 4,
          labels: [
            { label: 'water bottle', on_seconds: 4 },
            { label: 'cup', on_seconds: 3.5 },
          ],
        },
        { stream: 'backyard', frames_per_second: 0, events: 0, labels: [] },
      ],
      stages: [{ stage: 'classifier (batch)', duration_seconds: { count: 1, p50: 0.01 } }],
    });
  });
});
