import { Registry } from 'prom-client';
import { createAdapterMetrics, type AdapterMetrics } from './adapters.ts';
import { createConnectionMetrics, type ConnectionMetrics } from './connections.ts';
import { createDeviceMetrics, type DeviceMetrics } from './device.ts';
import { createFrameMetrics, type FrameMetrics } from './frames.ts';
import { collectProcessMetrics } from './process.ts';
import { createProgramMetrics, type ProgramMetrics } from './program.ts';
import { createSinkMetrics, type SinkMetrics } from './sinks.ts';
import { createStageMetrics, type StageMetrics } from './stages.ts';

/** All metrics of the daemon; every method is cheap enough to be called for every frame. */
export interface Metrics
  extends FrameMetrics, ConnectionMetrics, StageMetrics, SinkMetrics, AdapterMetrics, DeviceMetrics, ProgramMetrics {
  /** Makes the stream's series, at 0. Does nothing for a known stream. */
  addStream(stream: string): void;
  /** Removes every series of the stream; later updates for it are ignored. */
  removeStream(stream: string): void;
  /** Calls `refresh` before each scrape, for values that are read rather than counted. */
  onScrape(refresh: () => void): void;
  /** The exposition, in the format that `contentType` names. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  /** A new one unless given: one daemon, one registry. */
  readonly registry?: Registry;
  readonly streams?: readonly string[];
  readonly sinks?: readonly string[];
}

/**
 * The daemon's metrics in one registry. Series of known streams, sinks and reasons stand at 0
 * from the start, so that a first event shows as an increase.
 */
export function createMetrics({ registry = new Registry(), streams = [], sinks = [] }: MetricsOptions = {}): Metrics {
  const known = new Set<string>();
  const context = { registry, known: (stream: string) => known.has(stream) };
  const { series: frameSeries, ...frames } = createFrameMetrics(context);
  const { series: connectionSeries, ...connections } = createConnectionMetrics(context);
  const { series: adapterSeries, ...adapters } = createAdapterMetrics(context);
  const perStream = [frameSeries, connectionSeries, adapterSeries];
  const refreshes: (() => void)[] = [];
  collectProcessMetrics(registry);

  const metrics: Metrics = {
    ...frames,
    ...connections,
    ...adapters,
    ...createStageMetrics(context),
    ...createSinkMetrics(context, sinks),
    ...createDeviceMetrics(context),
    ...createProgramMetrics(context),
    addStream: (stream) => {
      if (known.has(stream)) return;
      known.add(stream);
      for (const series of perStream) series.add(stream);
    },
    removeStream: (stream) => {
      if (!known.delete(stream)) return;
      for (const series of perStream) series.remove(stream);
    },
    onScrape: (refresh) => {
      refreshes.push(refresh);
    },
    text: () => {
      for (const refresh of refreshes) refresh();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
  for (const stream of streams) metrics.addStream(stream);
  return metrics;
}
