import { Counter, Gauge, Histogram } from 'prom-client';
import type { Clock } from '../../domain/clock.ts';
import { dropReasons } from '../../domain/frame.ts';
import { latencySeconds } from './buckets.ts';
import type { GroupContext, MetricGroup } from './group.ts';
import { metricName } from './names.ts';

/** Frames on their way: received = classified + dropped + in flight, per stream. */
export function createFrameMetrics({ registry, known }: GroupContext, clock: Pick<Clock, 'date'>): MetricGroup {
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
    handlers: {
      frame_received: ({ stream, count }) => {
        if (known(stream)) received.inc({ stream }, count);
      },
      frame_dropped: ({ stream, reason, count }) => {
        if (known(stream)) dropped.inc({ stream, reason }, count);
      },
      frame_decoded: ({ stream }) => {
        if (!known(stream)) return;
        decoded.inc({ stream });
        lastFrame.set({ stream }, clock.date().getTime() / 1000);
      },
      prediction: ({ stream, prediction: { decidedAt, capturedAt } }) => {
        if (!known(stream)) return;
        classified.inc({ stream });
        age.observe({ stream }, (decidedAt - capturedAt) / 1000);
      },
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
