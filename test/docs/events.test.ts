/** docs/events.md describes what is written: all of it, and nothing else. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StateEvent } from '../../src/domain/event.ts';
import type { ScoredPrediction } from '../../src/domain/prediction.ts';
import { csvRows } from '../../src/output/csv.ts';
import { metricName } from '../../src/output/metrics/names.ts';
import { QuantileSketch } from '../../src/output/quantiles.ts';
import { jsonLine } from '../../src/output/sinks/json-line.ts';
import { summaryJson, type RunSummary } from '../../src/output/summary.ts';

const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');

// Whole, so that a field that is new is written here, too.
const offset: Required<StateEvent> = {
  stream: 'door',
  kind: 'offset',
  label: 'cup',
  probability: 0.1,
  presentationSeconds: 6,
  takenAt: 0,
  durationSeconds: 3,
  sinceSeconds: 5,
  final: true,
  sequence: 7,
};
const onset: StateEvent = {
  ...{ stream: 'door', kind: 'onset', label: 'cup', probability: 0.4 },
  ...{ presentationSeconds: 6, takenAt: 0, sinceSeconds: 5, sequence: 7 },
};
const picture: Required<ScoredPrediction> = {
  stream: 'door',
  sequence: 7,
  presentationSeconds: 1,
  takenAt: 0,
  capturedAt: 0,
  decidedAt: 1,
  native: { width: 2, height: 1 },
  source: '/a.jpg',
  probabilities: Float32Array.of(1),
  tiles: [],
};

const keysOf = (line: string) => Object.keys(JSON.parse(line) as object);
const written = {
  onset: keysOf(jsonLine({ type: 'event', stream: 'door', event: onset }, new Date())),
  offset: keysOf(jsonLine({ type: 'event', stream: 'door', event: offset }, new Date())),
  prediction: keysOf(jsonLine({ type: 'prediction', stream: 'door', prediction: picture, labels: ['a'] }, new Date())),
};

/** Rows of the table below a heading: the keys of its first column with the cell behind. */
function documented(heading: string): (readonly [key: string, next: string])[] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| `([^`]+)` +\| ([^|]*?) *\|/gm);
  return Array.from(rows, ([, key = '', next = '']) => [key, next]);
}

describe('docs/events.md', () => {
  it.each([
    ['onset', ['all', 'event']],
    ['offset', ['all', 'event', 'event, offset only']],
    ['prediction', ['all', 'prediction']],
  ] as const)('should have the keys of an %s, and no more', (kind, places) => {
    const keys = documented('Keys').filter(([, place]) => (places as readonly string[]).includes(place));
    expect(new Set(keys.map(([key]) => key))).toEqual(new Set(written[kind]));
  });

  it('should have examples that could have been written', () => {
    const lines = [...page.matchAll(/^\{"schema".*$/gm)].map(([line]) => line);
    const kinds = lines.map((line) => {
      const { type, kind = 'prediction' } = JSON.parse(line) as { type: string; kind?: keyof typeof written };
      // In their order; no example has all of them.
      const keys = keysOf(line);
      expect(written[kind].filter((key) => keys.includes(key))).toEqual(keys);
      return `${type} ${kind}`;
    });
    expect(kinds).toEqual(['event onset', 'event offset', 'prediction prediction']);
  });

  it('should have the keys of the summary, and no more', () => {
    const age = new QuantileSketch();
    age.record(1);
    const summary: RunSummary = {
      seconds: 1,
      streams: [
        {
          stream: 'door',
          frames: { received: 1, classified: 1, dropped: { stale: 1 }, inFlight: 0 },
          age: age.quantiles(),
          events: 1,
          secondsPerLabel: [['cup', 1]],
          unreadable: [{ path: '/a.jpg', reason: 'is cut off' }],
          seen: { seconds: 1, durationSeconds: 1, complete: true },
          pictures: [{ file: '/b.jpg', label: 'cup', probability: 1 }],
        },
      ],
      stages: [{ stage: 'front end', duration: age.quantiles() }],
    };
    // What is inside these is said in words.
    const whole = ['streams[].frames.dropped', 'streams[].age_seconds', 'stages[].duration_seconds'];
    const rows = documented('The summary as JSON');
    expect(new Set(rows.map(([key]) => key))).toEqual(new Set(paths(summaryJson(summary), '', whole)));
    const [, quantiles = ''] = rows.find(([key]) => key === 'streams[].age_seconds') ?? [];
    expect(Array.from(quantiles.matchAll(/`(\w+)`/g), ([, name]) => name)).toEqual(
      Object.keys(summaryJson(summary).streams[0]?.age_seconds ?? {}),
    );
  });

  it('should have the columns of the CSV', () => {
    const lines: string[] = [];
    csvRows((line) => lines.push(line));
    expect(page).toContain(`\`${lines[0]?.trim()}\``);
  });

  it('should name metrics that there are', () => {
    const names: readonly string[] = Object.values(metricName);
    const named = Array.from(page.matchAll(/`(edge_cls_\w+)`/g), ([, name = '']) => name);
    expect(named).toHaveLength(3);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});

/** `streams[].stream` and the like, down to values that have nothing in them. */
function paths(value: unknown, path: string, whole: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null || whole.includes(path)) return [path];
  if (Array.isArray(value)) return paths(value[0], `${path}[]`, whole);
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, path === '' ? key : `${path}.${key}`, whole));
}
