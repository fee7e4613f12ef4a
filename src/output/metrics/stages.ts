import { Counter, Histogram } from 'prom-client';
import { stages } from '../../domain/happening.ts';
import { batchFrames, latencySeconds } from './buckets.ts';
import type { GroupContext, MetricGroup } from './group.ts';
import { metricName } from './names.ts';

/** The pipeline's stages, over all streams. */
export function createStageMetrics({ registry }: Pick<GroupContext, 'registry'>): MetricGroup {
  const registers = [registry];
  const duration = new Histogram({
    name: metricName.stageDuration,
    help: 'Seconds spent in a stage of the pipeline, by stage; per batch in the backbone, per frame elsewhere.',
    labelNames: ['stage'],
    buckets: latencySeconds,
    registers,
  });
  const batches = new Counter({
    name: metricName.inferenceBatches,
    help: 'Calls of the classifier.',
    registers,
  });
  const batchSize = new Histogram({
    name: metricName.inferenceBatchSize,
    help: 'Frames in one call of the classifier.',
    buckets: batchFrames,
    registers,
  });
  for (const stage of stages) duration.zero({ stage });
  return {
    handlers: {
      stage_run: ({ stage, seconds }) => duration.observe({ stage }, seconds),
      batch_run: ({ frames }) => {
        batches.inc();
        batchSize.observe(frames);
      },
    },
  };
}
