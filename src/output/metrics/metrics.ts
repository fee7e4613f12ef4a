import { Registry } from 'prom-client';
import { systemClock, type Clock } from '../../domain/clock.ts';
import { handlers, type Subscriber } from '../../domain/happenings.ts';
import { createAdapterMetrics } from './adapters.ts';
import { createConnectionMetrics } from './connections.ts';
import { createDeviceMetrics, type Build } from './device.ts';
import { createFrameMetrics } from './frames.ts';
import type { MetricGroup } from './group.ts';
import { collectProcessMetrics } from './process.ts';
import { createProgramMetrics } from './program.ts';
import { createSinkMetrics, type SinkMetrics } from './sinks.ts';
import { createStageMetrics } from './stages.ts';

export interface Metrics {
  /** What happens moves them. A stream's series are there from `stream_added` to `stream_removed`. */
  readonly subscriber: Subscriber;
  readonly sinks: SinkMetrics;
  /** The exposition, in the format that `contentType` names. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  readonly clock?: Pick<Clock, 'date'>;
  readonly build?: Build;
}

/**
 * The daemon's metrics in a registry of their own. Series of known streams and reasons stand at 0
 * from the start, so that a first event shows as an increase.
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { clock = systemClock, build = { version: 'unknown', commit: 'unknown' } } = options;
  const registry = new Registry();
  const known = new Set<string>();
  const context = { registry, known: (stream: string) => known.has(stream) };
  const groups: readonly MetricGroup[] = [
    createFrameMetrics(context, clock),
    createConnectionMetrics(context),
    createAdapterMetrics(context),
    createStageMetrics(context),
    createDeviceMetrics(context, build),
    createProgramMetrics(context, clock),
  ];
  collectProcessMetrics(registry);
  const subscribers = [
    handlers({
      stream_added: ({ stream }) => {
        if (known.has(stream)) return;
        known.add(stream);
        for (const { series } of groups) series?.add(stream);
      },
      stream_removed: ({ stream }) => {
        if (!known.delete(stream)) return;
        for (const { series } of groups) series?.remove(stream);
      },
    }),
    ...groups.map((group) => handlers(group.handlers)),
  ];
  return {
    subscriber: (happening) => {
      for (const subscriber of subscribers) subscriber(happening);
    },
    sinks: createSinkMetrics(context),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
