/** One stream from its frames to its events. */
import { defer, filter, finalize, ignoreElements, tap, type Observable } from 'rxjs';
import { argmax } from '../../domain/argmax.ts';
import type { Clock } from '../../domain/clock.ts';
import type { StateEvent } from '../../domain/event.ts';
import type { DropReason, Frame } from '../../domain/frame.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { Prediction, ScoredPrediction } from '../../domain/prediction.ts';
import { hysteresis } from '../../pipeline/hysteresis.ts';
import { latestMap } from '../../pipeline/latest-map.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import { losslessMap } from '../../pipeline/lossless-map.ts';
import { rateLimit } from '../../pipeline/rate-limit.ts';
import { smooth } from '../../pipeline/smooth.ts';
import { targetProbabilities } from '../../pipeline/targets.ts';
import type { Source } from '../../video/source/source.ts';
import { isPictures } from '../../video/source/source-spec.ts';
import type { LabelMemory } from './label-memory.ts';
import { motionGate } from './motion-gate.ts';
import { isLossless, type StreamPlan } from './stream-plan.ts';

export interface StreamParts {
  readonly source: Pick<Source, 'frames$' | 'release'>;
  readonly ledger: Ledger;
  readonly clock: Pick<Clock, 'now'>;
  /** Takes ownership of the frame's pixels. */
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  readonly classify: (frame: Frame) => Observable<Prediction>;
  /** Frames of a file that are under way at the same time. */
  readonly concurrency: number;
  readonly happenings: Happenings;
  /** What was seen before, of a stream that goes on. */
  readonly labels: LabelMemory;
  /** Asked at the end of the source: what is on stays on. */
  readonly labelsGoOn?: () => boolean;
}

/** Ends as the source does, after what was under way; fails as well where a frame cannot be classified. */
export function stream$(plan: StreamPlan, parts: StreamParts): Observable<StateEvent> {
  const { ledger, source, happenings, labels, labelsGoOn = () => false } = parts;
  const { name: stream } = plan;
  const inFlight = new Map<Prediction['sequence'], Frame>();
  const drop = (frame: Frame, reason: DropReason) => {
    source.release(frame.pixels);
    if (inFlight.delete(frame.sequence)) ledger.dropped(frame, reason);
  };
  const rule = plan.bundle.card.output;
  const still = new Set<Prediction['sequence']>();
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  const classify = gated(plan, parts, (frame) => still.add(frame.sequence));
  return defer(() => source.frames$).pipe(
    tap((frame) => {
      ledger.received(frame);
      inFlight.set(frame.sequence, frame);
    }),
    filter((frame) => {
      const fits = hasPlannedSize(frame, plan);
      if (!fits) drop(frame, 'geometry');
      return fits;
    }),
    isLossless(plan)
      ? losslessMap(classify, parts.concurrency, (frame) => drop(frame, 'backpressure'))
      : (frames$) =>
          frames$.pipe(
            rateLimit({
              framesPerSecond: plan.config.max_frames_per_second ?? Infinity,
              clock: parts.clock,
              onDrop: (frame: Frame) => drop(frame, 'rate_limit'),
            }),
            latestMap(classify, (frame) => drop(frame, 'stale')),
          ),
    tap(({ sequence }) => {
      const frame = inFlight.get(sequence);
      inFlight.delete(sequence);
      if (!frame) return;
      if (still.has(sequence)) ledger.dropped(frame, 'still');
      else ledger.classified(frame);
    }),
    labels.timed(plan),
    smooth(labels.smoother),
    tap((prediction) => {
      // Its answer counts for what is smoothed and for events, but it is no answer of the classifier.
      if (!still.delete(prediction.sequence))
        happenings.tell({ type: 'prediction', stream, prediction, labels: rule.labels });
    }),
    isPictures(plan.spec)
      ? (scored$) =>
          scored$.pipe(
            tap((prediction) => happenings.tell({ type: 'picture', stream, ...pictureOf(prediction, plan) })),
            ignoreElements(),
          )
      : (scored$) =>
          scored$.pipe(
            hysteresis(labels.states, labelsGoOn),
            tap((event) => happenings.tell({ type: 'event', stream, event })),
          ),
    // Cut off: what was under way is given back to the source as it lands, and counted here.
    finalize(() => {
      for (const frame of inFlight.values()) ledger.dropped(frame, 'stale');
      inFlight.clear();
    }),
  );
}

function gated(
  { spec, config: { motion_gate: gate } }: StreamPlan,
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  { classify, clock, source }: StreamParts,
  onStill: (frame: Frame) => void,
): StreamParts['classify'] {
  if (!gate.enabled || isPictures(spec)) return classify;
  const release = (pixels: Frame['pixels']) => source.release(pixels);
  return motionGate({ classify, maxStillSeconds: gate.max_still_seconds, clock, release, onStill });
}

/** The time of a picture is its place among those of its source. */
function pictureOf(prediction: ScoredPrediction, { targets }: StreamPlan) {
  const { source = '', presentationSeconds: position } = prediction;
  const scores = targetProbabilities(prediction, targets);
  const best = argmax(scores);
  const picture = { file: source, label: targets[best]?.name ?? '', probability: scores[best] ?? 0 };
  return { position, picture };
}

/** ffmpeg scales silently when a stream changes its size; an adapter is for one size only. */
function hasPlannedSize({ native }: Pick<Frame, 'native'>, { spec, info }: StreamPlan): boolean {
  if (spec.kind === 'folder') return true;
  return native.width === info.native.width && native.height === info.native.height;
}
