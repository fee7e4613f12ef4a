/** Opens the source of a plan, with as many buffers as its way through the pipeline needs. */
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DropReason } from '../../domain/frame.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { openSource, type Source, type SourceOptions } from '../../video/source/source.ts';
import { atOwnPace, isLossless, type StreamPlan } from './stream-plan.ts';

export interface PlannedSourceParts extends Pick<SourceOptions, 'onDecoder' | 'onResolutionChange' | 'skipFrames'> {
  readonly ffmpeg: Ffmpeg;
  readonly clock: Clock;
  readonly batch: Config['batch'];
  /** Ends the source. */
  readonly signal: AbortSignal;
  /** A frame was lost before there was an object for it. */
  readonly onLost: (reason: DropReason) => void;
}

export function openPlannedSource(plan: StreamPlan, { batch, onLost, ...parts }: PlannedSourceParts): Source {
  const { name, spec, info, decoder, config: stream } = plan;
  const lossless = isLossless(plan);
  return openSource({
    stream: name,
    spec,
    info,
    ...decoder,
    framesPerSecond: stream.frames_per_second ?? undefined,
    realtime: atOwnPace(stream),
    hardware: stream.hardware_decode,
    lossless,
    // A live stream has one frame at the device, one that waits and one that is being filled.
    slots: lossless ? batch.size + batch.in_flight + 1 : 4,
    stallSeconds: stream.stall_seconds,
    ...parts,
    onDrop: onLost,
  });
}
