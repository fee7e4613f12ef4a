/** Where frames come from: sources are looked at and opened here, by ffmpeg; tests bring their own. */
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { probe } from '../../video/source/probe.ts';
import type { Source } from '../../video/source/source.ts';
import { openPlannedSource, type PlannedSourceParts } from './planned-source.ts';
import type { PlanParts, StreamPlan } from './stream-plan.ts';

export interface Sources {
  readonly look: PlanParts['look'];
  open(plan: StreamPlan, parts: Omit<PlannedSourceParts, 'ffmpeg'>): Source;
}

export function ffmpegSources(ffmpeg: Ffmpeg): Sources {
  return {
    look: (spec, signal) => probe(spec, ffmpeg, signal ? { signal } : {}),
    open: (plan, parts) => openPlannedSource(plan, { ...parts, ffmpeg }),
  };
}
