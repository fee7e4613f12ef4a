import { Counter } from 'prom-client';
import type { GroupContext } from './group.ts';
import { eventFailureReasons, type EventFailureReason } from './labels.ts';
import { metricName } from './names.ts';

/** Events on their way out. `sink` is a configured name, never an address. */
export interface SinkMetrics {
  eventPublished(sink: string): void;
  eventFailed(sink: string, reason: EventFailureReason): void;
}

export function createSinkMetrics({ registry }: Pick<GroupContext, 'registry'>, sinks: readonly string[]): SinkMetrics {
  const registers = [registry];
  const published = new Counter({
    name: metricName.eventsPublished,
    help: 'Events that a sink took, by sink.',
    labelNames: ['sink'],
    registers,
  });
  const failed = new Counter({
    name: metricName.eventsFailed,
    help: 'Events that a sink did not take, by sink and reason.',
    labelNames: ['sink', 'reason'],
    registers,
  });
  for (const sink of sinks) {
    published.inc({ sink }, 0);
    for (const reason of eventFailureReasons) failed.inc({ sink, reason }, 0);
  }
  return {
    eventPublished: (sink) => published.inc({ sink }),
    eventFailed: (sink, reason) => failed.inc({ sink, reason }),
  };
}
