import { Counter, Gauge, Histogram } from 'prom-client';
import { adapterSwapResults } from '../../domain/happening.ts';
import { adaptSeconds } from './buckets.ts';
import type { GroupContext, MetricGroup } from './group.ts';
import { metricName } from './names.ts';

/** Adapters in use and the jobs that fit them. */
export function createAdapterMetrics(context: GroupContext): MetricGroup {
  const { known } = context;
  const { swaps, agreement, active, inProgress, duration } = instruments(context);
  /** Labels of the series that says which adapter is active, by stream. */
  const current = new Map<string, { stream: string; digest: string; resolution: string }>();
  const forget = (stream: string) => {
    const labels = current.get(stream);
    if (labels) active.remove(labels);
    current.delete(stream);
  };
  return {
    handlers: {
      adapter_swapped: ({ result }) => swaps.inc({ result }),
      adapter_agreement: ({ stream, ratio }) => {
        if (known(stream)) agreement.set({ stream }, ratio);
      },
      adapter_active: ({ stream, id, native: { width, height } }) => {
        if (!known(stream)) return;
        forget(stream);
        const labels = { stream, digest: id, resolution: `${width}x${height}` };
        current.set(stream, labels);
        active.set(labels, 1);
      },
      // The adapter for the new size takes the place of the one before.
      resolution_changed: () => swaps.inc({ result: 'applied' }),
      fit_started: () => inProgress.inc(),
      fit_ended: ({ seconds }) => {
        inProgress.dec();
        duration.observe(seconds);
      },
    },
    series: {
      // Agreement and the active adapter are absent until they are known: 0 would read as "never agrees".
      add: () => undefined,
      remove: (stream) => {
        agreement.remove({ stream });
        forget(stream);
      },
    },
  };
}

function instruments({ registry }: GroupContext) {
  const registers = [registry];
  const swaps = new Counter({
    name: metricName.adapterSwaps,
    help: 'Adapters that were offered to a stream, by result.',
    labelNames: ['result'],
    registers,
  });
  for (const result of adapterSwapResults) swaps.inc({ result }, 0);
  return {
    swaps,
    agreement: new Gauge({
      name: metricName.adapterAgreement,
      help: 'Share of sampled frames on which adapter and reference path agree (0 to 1), by stream; absent until measured.',
      labelNames: ['stream'],
      registers,
    }),
    active: new Gauge({
      name: metricName.adapterActive,
      help: 'The adapter in use, by stream: 1 with its digest and the resolution that it is for.',
      labelNames: ['stream', 'digest', 'resolution'],
      registers,
    }),
    inProgress: new Gauge({
      name: metricName.adaptInProgress,
      help: 'Fitting jobs that run now.',
      registers,
    }),
    duration: new Histogram({
      name: metricName.adaptDuration,
      help: 'Seconds that a fitting job took, however it ended.',
      buckets: adaptSeconds,
      registers,
    }),
  };
}
