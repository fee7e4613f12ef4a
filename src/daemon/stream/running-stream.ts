/** The one way from a plan to events: source → front end → classifier → stream. */
import { concat, EMPTY, from, ignoreElements, takeWhile, tap, type Observable } from 'rxjs';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../domain/clock.ts';
import type { StateEvent } from '../../domain/event.ts';
import type { Frame } from '../../domain/frame.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { borrowing$ } from '../../pipeline/borrowing.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import { classifyFrame, type FrameClassifierParts, type Lane } from './frame-classifier.ts';
import type { LabelMemory } from './label-memory.ts';
import type { PlannedSourceParts } from './planned-source.ts';
import type { Sources } from './sources.ts';
import { planFacts, type StreamPlan } from './stream-plan.ts';
import { stream$ } from './stream.ts';

/** What a stream's frames go through, until it is given back. */
interface DeviceLease {
  readonly classifier: Pick<FrameClassifierParts, 'batcher'>;
  readonly frontEnd: Lane['frontEnd'];
  [Symbol.asyncDispose](): Promise<void>;
}

/** What all streams of a program share. */
export interface StreamCommons {
  readonly sources: Sources;
  readonly clock: Clock;
  readonly batch: Config['batch'];
  readonly devices: { lease(plan: StreamPlan): Promise<DeviceLease> };
  readonly ledger: Ledger;
  readonly happenings: Happenings;
  /** Children that have to be gone before the program is. */
  readonly closing: Set<Promise<unknown>>;
}

export interface RunningStreamParts extends Pick<PlannedSourceParts, 'onResolutionChange' | 'skipFrames'> {
  /** Read for every frame. */
  readonly adapter: () => AdapterWeights;
  /** What was seen before, of a stream that goes on. */
  readonly labels: LabelMemory;
  /** Asked when the source has ended: what is on stays on, since whoever asked opens it again. */
  readonly labelsGoOn?: () => boolean;
  /** Ends the source; what is under way then is still decided. */
  readonly signal: AbortSignal;
  /** Sees the frames before the stream does. */
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  readonly watch: (frames$: Observable<Frame>) => Observable<Frame>;
  /** A frame is classified next; its pixels are gone when this returns. */
  readonly onClassify?: (frame: Frame) => void;
  /** Where it says no, the source ends before that frame; no size is wrong then. */
  readonly goesOn?: (frame: Frame) => boolean;
}

/** Ends as its source does, once that is gone; subscribing opens it. */
export function runningStream$(
  plan: StreamPlan,
  parts: RunningStreamParts,
  commons: StreamCommons,
): Observable<StateEvent> {
  const { devices, closing, happenings } = commons;
  return borrowing$(
    () => devices.lease(plan),
    (lease) => (parts.signal.aborted ? EMPTY : opened$(plan, lease, parts, commons)),
    (lease) => {
      const released = lease[Symbol.asyncDispose]();
      released.catch((error: unknown) => happenings.tell({ type: 'fault', stream: plan.name, error }));
      void tracked(released, closing);
    },
  );
}

function opened$(
  plan: StreamPlan,
  { classifier: { batcher }, frontEnd }: DeviceLease,
  parts: RunningStreamParts,
  { sources, clock, batch, ledger, happenings, closing }: StreamCommons,
): Observable<StateEvent> {
  const { name } = plan;
  const { adapter, signal, onClassify, onResolutionChange, goesOn, skipFrames, labels, labelsGoOn } = parts;
  const source = sources.open(plan, {
    clock,
    batch,
    signal,
    onLost: (reason) => ledger.lost(name, reason),
    onDecoder: (report) => happenings.tell({ type: 'decoder_chosen', stream: name, ...report }),
    onResolutionChange,
    skipFrames,
  });
  void tracked(source.exited, closing).then(({ unreadable, seen }) => {
    if (seen) happenings.tell({ type: 'source_seen', stream: name, ...seen });
    if (unreadable.length > 0) happenings.tell({ type: 'pictures_unreadable', stream: name, pictures: unreadable });
  });
  happenings.tell({ type: 'planned', stream: name, plan: planFacts(plan) });
  const release = (pixels: Frame['pixels']) => source.release(pixels);
  const lane = { frontEnd, adapter, release };
  const onFrontEnd = (seconds: number) => happenings.tell({ type: 'stage_run', stage: 'frontend', seconds });
  const frames$ = source.frames$.pipe(
    takeWhile((frame) => {
      const isTaken = goesOn?.(frame) ?? true;
      if (!isTaken) release(frame.pixels);
      return isTaken;
    }),
    parts.watch,
    tap(({ native }) => happenings.tell({ type: 'frame_decoded', stream: name, native })),
  );
  const events$ = stream$(plan, {
    source: { frames$, release },
    ledger,
    clock,
    happenings,
    labels,
    ...(labelsGoOn && { labelsGoOn }),
    concurrency: batch.size + batch.in_flight,
    classify: (frame) => {
      onClassify?.(frame);
      return classifyFrame(frame, lane, { batcher, clock, onFrontEnd });
    },
  });
  // The next decoder is not started before this one is gone: some cameras serve one connection.
  return concat(events$, from(source.exited).pipe(ignoreElements()));
}

/** Passes the work on, and keeps it among what is waited for at the end. */
export function tracked<T>(work: Promise<T>, closing: Set<Promise<unknown>>): Promise<T> {
  const settled = work.catch(() => undefined).finally(() => closing.delete(settled));
  closing.add(settled);
  return work;
}

/** Resolves when nothing is left of what was tracked. */
export async function allGone(closing: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (closing.size > 0) await Promise.all(closing);
}
