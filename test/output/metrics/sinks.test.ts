import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createSinkMetrics } from '../../../src/output/metrics/sinks.ts';
import type { SinkCounts } from '../../../src/output/sinks/sink.ts';

it('should show what the sinks themselves count, at the moment of the scrape', async () => {
  const registry = new Registry();
  const metrics = createSinkMetrics({ registry });
  let counts: SinkCounts = { delivered: 0, failed: { full: 0, io: 0 }, lost: 0 };
  const journal = { name: 'journal', counts: () => counts };
  const sinks = { all: [journal] };
  metrics.read(sinks);
  const samples = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('edge_cls'));
  expect(await samples()).toEqual([
    'edge_cls_events_published_total{sink="journal"} 0',
    'edge_cls_events_failed_total{sink="journal",reason="full"} 0',
    'edge_cls_events_failed_total{sink="journal",reason="io"} 0',
    'edge_cls_events_lost_total{sink="journal"} 0',
  ]);
  counts = { delivered: 5, failed: { full: 3, io: 1 }, lost: 2 };
  const expected = [
    'edge_cls_events_published_total{sink="journal"} 5',
    'edge_cls_events_failed_total{sink="journal",reason="full"} 3',
    'edge_cls_events_failed_total{sink="journal",reason="io"} 1',
    'edge_cls_events_lost_total{sink="journal"} 2',
  ];
  expect(await samples()).toEqual(expected);
  expect(await samples(), 'a scrape adds nothing').toEqual(expected);
  sinks.all = [];
  expect(await samples(), 'a sink that was taken out').toEqual([]);
});
