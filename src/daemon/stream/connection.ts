/** One connection of a stream: look at the source, plan, decode and classify until it ends. */
import {
  concat,
  connect,
  defer,
  EMPTY,
  endWith,
  from,
  fromEvent,
  ignoreElements,
  merge,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import type { Config, StreamConfig } from '../../config/schema.ts';
import type { Clock } from '../../domain/clock.ts';
import type { StateEvent } from '../../domain/event.ts';
import type { Frame } from '../../domain/frame.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { fromAbortable } from '../../pipeline/from-abortable.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import type { Pass, Turnstile } from '../../pipeline/turnstile.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { SourceError } from '../../video/source/source-error.ts';
import { displaySize, type SourceInfo } from '../../video/source/source-info.ts';
import { describeSource, hostOfSource } from '../../video/source/source-spec.ts';
import type { Classifier, Devices } from '../device/devices.ts';
import { classifyFrame } from './frame-classifier.ts';
import { openPlannedSource } from './planned-source.ts';
import { stream$ } from './stream.ts';
import type { StreamObserver } from '../stream-observer.ts';
import type { StreamPlan } from './stream-plan.ts';

/** The source delivers another size now; the next connection is made for it at once. */
export class ResolutionChange extends Error {
  readonly info: SourceInfo;

  constructor(info: SourceInfo) {
    super(`the source is ${info.native.width}x${info.native.height} now`);
    this.info = info;
  }
}

/** What the connections of all streams share. */
export interface Shared {
  readonly ffmpeg: Ffmpeg;
  readonly clock: Clock;
  readonly batch: Config['batch'];
  readonly devices: Devices;
  readonly ledger: Ledger;
  readonly turnstile: Turnstile;
  readonly observer: StreamObserver;
  /** Seconds that a frame took in the front end. */
  readonly onFrontEnd: (seconds: number) => void;
  /** Children that have to be gone before the service is. */
  readonly closing: Set<Promise<unknown>>;
}

export interface ConnectionParts {
  readonly config: StreamConfig;
  readonly plan: (signal: AbortSignal) => Promise<StreamPlan>;
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
  const { config } = parts;
  const { observer, turnstile, devices } = shared;
  return defer(() => {
    observer.state(config.name, 'connecting');
    return turnstile.enter(hostOfSource(config.source), (pass) => {
      observer.connecting(config.name);
      const planning$ = fromAbortable(async (signal) => {
        const plan = await tracked(parts.plan(signal), shared.closing);
        return { plan, classifier: await devices.classifier(plan.bundle) };
      });
      const planned$ = planning$.pipe(takeUntil(fromEvent(interrupted, 'abort')));
      return planned$.pipe(
        switchMap(({ plan, classifier }) => running$(plan, classifier, { ...parts, pass }, shared, interrupted)),
      );
    });
  });
}

function running$(
  plan: StreamPlan,
  { batcher }: Classifier,
  { adapter, onFrame, onClassify, pass }: ConnectionParts & { readonly pass: Pass },
  shared: Shared,
  interrupted: AbortSignal,
): Observable<StateEvent> {
  const { observer, ledger, clock, devices, batch, ffmpeg } = shared;
  const { name, spec } = plan;
  const ending = new AbortController();
  interrupted.addEventListener('abort', () => ending.abort(), { once: true });
  if (interrupted.aborted) return EMPTY;
  let change: SourceInfo | undefined;
  const source = openPlannedSource(plan, {
    ...{ ffmpeg, clock, batch, signal: ending.signal },
    onLost: (reason) => ledger.lost(name, reason),
    onDecoder: (report) => observer.decoder(report, plan),
    onResolutionChange: (native, sampleAspectRatio) => {
      if (!spec.live) return;
      const { rotation } = plan.info;
      change = { ...plan.info, native, sampleAspectRatio, display: displaySize(native, rotation, sampleAspectRatio) };
    },
  });
  void tracked(source.exited, shared.closing);
  observer.planned(plan);
  const lane = {
    frontEnd: devices.frontEnd(plan),
    adapter,
    release: (pixels: Frame['pixels']) => source.release(pixels),
  };
  const watched$ = source.frames$.pipe(
    tap((frame) => {
      pass.leave();
      onFrame();
      observer.frame(frame);
    }),
    spec.live
      ? withSilence(name, plan.config.stall_seconds, observer)
      : tap({ subscribe: () => observer.state(name, 'live') }),
  );
  const events$ = stream$(plan, {
    source: { ...source, frames$: watched$ },
    ...{ ledger, clock, concurrency: batch.size + batch.in_flight },
    classify: (frame) => {
      onClassify(frame, plan);
      return classifyFrame(frame, lane, { batcher, clock, onFrontEnd: shared.onFrontEnd });
    },
    onGeometry: () => ending.abort(),
    onPrediction: (prediction) => observer.prediction(prediction, plan),
    onEvent: (event) => observer.event(event, plan),
  });
  const outcome$ = defer(() => {
    if (interrupted.aborted) return EMPTY;
    const info = change;
    if (info !== undefined) return throwError(() => new ResolutionChange(info));
    if (!spec.live) return EMPTY;
    return throwError(() => new SourceError(`the source ${describeSource(spec)} ended its stream`, 'eof'));
  });
  // The next decoder is not started before this one is gone: some cameras serve one connection.
  return concat(events$, from(source.exited).pipe(ignoreElements()), outcome$);
}

/** Live while frames come, stalled after half of the time at which the source is given up. */
function withSilence(name: string, stallSeconds: number, observer: StreamObserver): MonoTypeOperatorFunction<Frame> {
  let live = false;
  const onFrame = () => {
    if (!live) observer.state(name, 'live');
    live = true;
  };
  const onSilence = () => {
    live = false;
    observer.state(name, 'stalled', `no frame for ${stallSeconds / 2} s`);
  };
  return (frames$) =>
    frames$.pipe(
      connect((shared$) => {
        const end$ = shared$.pipe(ignoreElements(), endWith(true));
        const silence$ = shared$.pipe(
          switchMap(() => timer(500 * stallSeconds)),
          tap(onSilence),
          ignoreElements(),
          takeUntil(end$),
        );
        return merge(silence$, shared$.pipe(tap(onFrame)));
      }),
    );
}

function tracked<T>(work: Promise<T>, closing: Set<Promise<unknown>>): Promise<T> {
  const settled = work.catch(() => undefined).finally(() => closing.delete(settled));
  closing.add(settled);
  return work;
}
