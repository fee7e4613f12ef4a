/** One connection of a stream: look at the source, plan, decode and classify until it ends. */
import {
  concat,
  connect,
  defer,
  EMPTY,
  endWith,
  fromEvent,
  ignoreElements,
  merge,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import type { StreamConfig } from '../../config/schema.ts';
import type { StateEvent } from '../../domain/event.ts';
import { sizeText, type Frame } from '../../domain/frame.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { fromAbortable } from '../../pipeline/from-abortable.ts';
import type { Pass, Turnstile } from '../../pipeline/turnstile.ts';
import { SourceError } from '../../video/source/source-error.ts';
import { describeSource, hostOfSource } from '../../video/source/source-spec.ts';
import type { LabelMemory } from './label-memory.ts';
import { runningStream$, tracked, type StreamCommons } from './running-stream.ts';
import { SizeWatch, type SizeChange } from './size-watch.ts';
import { longestSilence, type StreamPlan } from './stream-plan.ts';

/** The source delivers another size now; the next connection is made for it at once. */
export class ResolutionChange extends Error {
  readonly change: SizeChange;

  constructor(change: SizeChange) {
    super(`the source is ${sizeText(change.info.native)} now`);
    this.change = change;
  }
}

/** What the connections of all streams share. */
export interface Shared extends StreamCommons {
  readonly turnstile: Turnstile;
}

export interface ConnectionParts {
  readonly config: StreamConfig;
  readonly plan: (signal: AbortSignal) => Promise<StreamPlan>;
  /** Frames of a file that an earlier connection has delivered; read when this one is planned. */
  readonly skipFrames: () => number;
  /** What is known of its labels; read when it is planned. */
  readonly labels: (plan: StreamPlan) => LabelMemory;
  /** Read for every frame. */
  readonly adapter: () => AdapterWeights;
  /** A frame came; told for the first one, too. */
  readonly onFrame: () => void;
  /** A frame is classified next; its pixels are gone when this returns. */
  readonly onClassify: (frame: Frame, plan: StreamPlan) => void;
}

/**
 * Fails with why it ended, and with `ResolutionChange`; completes at the end of a file, and when it
 * is interrupted, after what was under way.
 */
export function connection$(parts: ConnectionParts, shared: Shared, interrupted: AbortSignal): Observable<StateEvent> {
  const { name, source } = parts.config;
  const { happenings, turnstile, closing } = shared;
  return defer(() => {
    happenings.tell({ type: 'stream_state', stream: name, state: 'connecting' });
    return turnstile.enter(hostOfSource(source), (pass) => {
      happenings.tell({ type: 'connecting', stream: name });
      const planning$ = fromAbortable((signal) => tracked(parts.plan(signal), closing));
      const planned$ = planning$.pipe(takeUntil(fromEvent(interrupted, 'abort')));
      return planned$.pipe(switchMap((plan) => connected$(plan, { ...parts, pass }, shared, interrupted)));
    });
  });
}

function connected$(
  plan: StreamPlan,
  { adapter, skipFrames, labels, onFrame, onClassify, pass }: ConnectionParts & { readonly pass: Pass },
  shared: Shared,
  interrupted: AbortSignal,
): Observable<StateEvent> {
  const { name, spec } = plan;
  const ending = new AbortController();
  const end = () => ending.abort(interrupted.reason);
  interrupted.addEventListener('abort', end, { once: true });
  if (interrupted.aborted) end();
  const watch = new SizeWatch(plan, shared);
  const events$ = runningStream$(
    plan,
    {
      adapter,
      signal: ending.signal,
      watch: (frames$) =>
        frames$.pipe(
          tap(() => {
            pass.leave();
            onFrame();
          }),
          spec.live ? liveness(plan, shared.happenings) : liveThroughout(name, shared.happenings),
        ),
      onClassify: (frame) => onClassify(frame, plan),
      skipFrames: skipFrames(),
      labels: labels(plan),
      ...watch.parts,
    },
    shared,
  );
  const outcome$ = defer(() => {
    if (interrupted.aborted) return EMPTY;
    const { change } = watch;
    if (change !== undefined) return throwError(() => new ResolutionChange(change));
    if (!spec.live) return EMPTY;
    return throwError(() => new SourceError(`the source ${describeSource(spec)} ended its stream`, 'eof'));
  });
  return concat(events$, outcome$);
}

function liveThroughout(stream: string, happenings: Happenings) {
  return tap<Frame>({ subscribe: () => happenings.tell({ type: 'stream_state', stream, state: 'live' }) });
}

/** Live while frames come, stalled after half of the time at which the source is given up. */
function liveness(plan: StreamPlan, happenings: Happenings) {
  const { name: stream } = plan;
  const seconds = longestSilence(plan) / 2;
  let live = false;
  const onFrame = () => {
    if (!live) happenings.tell({ type: 'stream_state', stream, state: 'live' });
    live = true;
  };
  const onSilence = () => {
    live = false;
    happenings.tell({ type: 'stream_state', stream, state: 'stalled', reason: `no frame for ${seconds} s` });
  };
  return (frames$: Observable<Frame>) =>
    frames$.pipe(
      connect((shared$) => {
        const end$ = shared$.pipe(ignoreElements(), endWith(true));
        const silence$ = shared$.pipe(
          switchMap(() => timer(1000 * seconds)),
          tap(onSilence),
          ignoreElements(),
          takeUntil(end$),
        );
        return merge(silence$, shared$.pipe(tap(onFrame)));
      }),
    );
}
