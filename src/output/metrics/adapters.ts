import { Counter, Gauge, Histogram } from 'prom-client';
import { adaptSeconds } from './buckets.ts';
import type { GroupContext, StreamSeries } from './group.ts';
import { adapterSwapResults, type AdapterSwapResult } from './labels.ts';
import { metricName } from './names.ts';

/** Which adapter a stream runs with. */
export interface ActiveAdapter {
  /** Digest of the adapter file, or `closed_form`. */
  readonly digest: string;
  /** Native size that it is for, such as `1920x1080`. */
  readonly resolution: string;
}

/** Adapters in use and the jobs that fit them. */
export interface AdapterMetrics {
  adapterSwapped(result: AdapterSwapResult): void;
  /** Share of sampled frames on which the adapter and the reference path agree, 0 to 1. */
  adapterAgreement(stream: string, ratio: number): void;
  adapterActive(stream: string, adapter: ActiveAdapter): void;
  adaptStarted(): void;
  /** A job that was started has ended, however it ended; its duration in seconds. */
  adaptEnded(seconds: number): void;
}

export function createAdapterMetrics(context: GroupContext): AdapterMetrics & { series: StreamSeries } {
  const { known } = context;
  const { swaps, agreement, active, inProgress, duration } = instruments(context);
  const current = new Map<string, ActiveAdapter>();
  const forget = (stream: string) => {
    const adapter = current.get(stream);
    if (adapter) active.remove({ stream, digest: adapter.digest, resolution: adapter.resolution });
    current.delete(stream);
  };
  return {
    adapterSwapped: (result) => swaps.inc({ result }),
    adapterAgreement: (stream, ratio) => {
      if (known(stream)) agreement.set({ stream }, ratio);
    },
    adapterActive: (stream, { digest, resolution }) => {
      if (!known(stream)) return;
      forget(stream);
      current.set(stream, { digest, resolution });
      active.set({ stream, digest, resolution }, 1);
    },
    adaptStarted: () => inProgress.inc(),
    adaptEnded: (seconds) => {
      inProgress.dec();
      duration.observe(seconds);
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
