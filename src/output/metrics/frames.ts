import { Counter, Gauge, Histogram } from 'prom-client';
import type { DropReason } from '../../domain/frame.ts';
import { latencySeconds } from './buckets.ts';
import type { GroupContext, StreamSeries } from './group.ts';
import { dropReasons } from './labels.ts';
import { metricName } from './names.ts';

/** Frames on their way: received = classified + dropped + in flight, per stream. */
export interface FrameMetrics {
  frameReceived(stream: string): void;
  frameDecoded(stream: string): void;
  frameClassified(stream: string): void;
  /** `count` frames (1 unless given) that were not classified. */
  frameDropped(stream: string, reason: DropReason, count?: number): void;
  /** Age of a frame when its decision was made, seconds. */
  ageObserved(stream: string, seconds: number): void;
  /** When the newest frame came: wall clock, seconds since 1970. */
  lastFrameAt(stream: string, unixSeconds: number): void;
}

export function createFrameMetrics({ registry, known }: GroupContext): FrameMetrics & { series: StreamSeries } {
  const perStream = { registers: [registry], labelNames: ['stream'] as const };
  const received = new Counter({
    name: metricName.framesReceived,
    help: 'Frames that came from the source, by stream.',
    ...perStream,
  });
  const decoded = new Counter({
    name: metricName.framesDecoded,
    help: 'Frames that the decoder handed over as pixels, by stream.',
    ...perStream,
  });
  const classified = new Counter({
    name: metricName.framesClassified,
    help: 'Frames for which the classifier answered, by stream.',
    ...perStream,
  });
  const dropped = new Counter({
    name: metricName.framesDropped,
    help: 'Frames that were not classified, by stream and reason.',
    registers: [registry],
    labelNames: ['stream', 'reason'],
  });
  const age = new Histogram({
    name: metricName.frameAgeAtDecision,
    help: 'Seconds from a frame being complete to its decision, by stream.',
    buckets: latencySeconds,
    ...perStream,
  });
  const lastFrame = new Gauge({
    name: metricName.streamLastFrameTimestamp,
    help: 'When the newest frame of the stream came, seconds since 1970; 0 before the first.',
    ...perStream,
  });
  return {
    frameReceived: (stream) => {
      if (known(stream)) received.inc({ stream });
    },
    frameDecoded: (stream) => {
      if (known(stream)) decoded.inc({ stream });
    },
    frameClassified: (stream) => {
      if (known(stream)) classified.inc({ stream });
    },
    frameDropped: (stream, reason, count = 1) => {
      if (known(stream)) dropped.inc({ stream, reason }, count);
    },
    ageObserved: (stream, seconds) => {
      if (known(stream)) age.observe({ stream }, seconds);
    },
    lastFrameAt: (stream, unixSeconds) => {
      if (known(stream)) lastFrame.set({ stream }, unixSeconds);
    },
    series: {
      add: (stream) => {
        for (const counter of [received, decoded, classified]) counter.inc({ stream }, 0);
        for (const reason of dropReasons) dropped.inc({ stream, reason }, 0);
        age.zero({ stream });
        lastFrame.set({ stream }, 0);
      },
      remove: (stream) => {
        for (const metric of [received, decoded, classified, age, lastFrame]) metric.remove({ stream });
        for (const reason of dropReasons) dropped.remove({ stream, reason });
      },
    },
  };
}
