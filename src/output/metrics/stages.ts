import { Counter, Gauge, Histogram } from 'prom-client';
import { batchFrames, latencySeconds } from './buckets.ts';
import type { GroupContext } from './group.ts';
import { stages, type Stage } from './labels.ts';
import { metricName } from './names.ts';

/** The pipeline's stages, over all streams. */
export interface StageMetrics {
  /** Time that one frame (or one batch, for the backbone) spent in the stage, seconds. */
  stageObserved(stage: Stage, seconds: number): void;
  /** Frames that wait before the stage. */
  queueDepth(stage: Stage, frames: number): void;
  /** One call of the classifier over so many frames. */
  batchObserved(frames: number): void;
}

export function createStageMetrics({ registry }: Pick<GroupContext, 'registry'>): StageMetrics {
  const registers = [registry];
  const duration = new Histogram({
    name: metricName.stageDuration,
    help: 'Seconds spent in a stage of the pipeline, by stage; per batch in the backbone, per frame elsewhere.',
    labelNames: ['stage'],
    buckets: latencySeconds,
    registers,
  });
  const depth = new Gauge({
    name: metricName.queueDepth,
    help: 'Frames that wait before a stage, by stage.',
    labelNames: ['stage'],
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
  for (const stage of stages) {
    duration.zero({ stage });
    depth.set({ stage }, 0);
  }
  return {
    stageObserved: (stage, seconds) => duration.observe({ stage }, seconds),
    queueDepth: (stage, frames) => depth.set({ stage }, frames),
    batchObserved: (frames) => {
      batches.inc();
      batchSize.observe(frames);
    },
  };
}
