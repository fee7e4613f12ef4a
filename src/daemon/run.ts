/** The composition root of `run` on sources: builds everything, has the one subscription, closes in reverse. */
import { catchError, EMPTY, merge, type Observable } from 'rxjs';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../domain/clock.ts';
import type { StateEvent } from '../domain/event.ts';
import type { DeviceReport, Engine } from '../engine/engine.ts';
import type { RunSummary } from '../output/summary.ts';
import { RunStatistics } from '../output/run-statistics.ts';
import { Ledger } from '../pipeline/ledger.ts';
import type { Smoothed } from '../pipeline/smooth.ts';
import type { Ffmpeg } from '../video/ffmpeg/ffmpeg.ts';
import type { DecoderReport } from '../video/decode/hardware.ts';
import type { Source } from '../video/source/source.ts';
import { Devices } from './device/devices.ts';
import { classifyFrame } from './stream/frame-classifier.ts';
import { openPlannedSource } from './stream/planned-source.ts';
import { sharedBundles } from './device/shared-bundles.ts';
import { stream$ } from './stream/stream.ts';
import { planStream, type StreamPlan } from './stream/stream-plan.ts';

export interface RunParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly clock: Clock;
  /** Ends the run: no more frames are taken, what was decided is told. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

/** Who is told what happens, while it happens. */
export interface RunListener {
  /** At the first frame of each stream: what really decodes. */
  readonly onDecoder: (report: DecoderReport, plan: StreamPlan) => void;
  readonly onPlanned: (plans: readonly StreamPlan[], device: DeviceReport) => void;
  readonly onPrediction: (prediction: Smoothed, plan: StreamPlan) => void;
  readonly onEvent: (event: StateEvent, plan: StreamPlan) => void;
  readonly onError: (error: unknown, plan: StreamPlan) => void;
  /** Several times a second while streams run. */
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly ledger: Ledger;
  readonly statistics: RunStatistics;
}

const progressMs = 100;

/** Runs the configured streams until their sources end or the signal aborts. Rejects before the start with what is wrong. */
export async function run(parts: RunParts): Promise<RunSummary> {
  const { config, engine, ffmpeg, clock, signal, listener } = parts;
  const enabled = config.streams.filter((stream) => stream.enabled);
  const bundleOf = sharedBundles(config);
  const plans = await Promise.all(
    enabled.map(async (stream) => {
      const bundle = await bundleOf(stream.bundle);
      return planStream(stream, { ffmpeg, device: engine.report, signal, bundle });
    }),
  );
  listener.onPlanned(plans, engine.report);

  const ledger = new Ledger();
  const statistics = new RunStatistics();
  const devices = new Devices(engine, {
    batch: config.batch,
    onClassified: (seconds) => statistics.stage('classifier (batch)', seconds),
  });
  const ready = await Promise.all(plans.map(async (plan) => ({ plan, ...(await devices.classifier(plan.bundle)) })));
  const sources: Source[] = [];
  const started = clock.now();
  const streams = ready.map(({ plan, batcher }) => {
    const source = openPlannedSource(plan, {
      ...{ ffmpeg, clock, signal, batch: config.batch },
      onLost: (reason) => ledger.lost(plan.name, reason),
      onDecoder: (report) => listener.onDecoder(report, plan),
    });
    sources.push(source);
    const lane = {
      frontEnd: devices.frontEnd(plan),
      adapter: () => plan.adapter,
      release: (pixels: Uint8Array<ArrayBuffer>) => source.release(pixels),
    };
    return stream$(plan, {
      source,
      ledger,
      clock,
      concurrency: config.batch.size + config.batch.in_flight,
      classify: (frame) =>
        classifyFrame(frame, lane, {
          batcher,
          clock,
          onFrontEnd: (seconds) => statistics.stage('front end', seconds),
        }),
      onPrediction: (prediction) => {
        statistics.classified(plan.name, (prediction.decidedAt - prediction.capturedAt) / 1000);
        listener.onPrediction(prediction, plan);
      },
      onEvent: (event) => {
        statistics.event(event);
        listener.onEvent(event, plan);
      },
    }).pipe(
      // One that fails ends; the others go on.
      catchError((error: unknown) => {
        listener.onError(error, plan);
        return EMPTY;
      }),
    );
  });

  const progress = setInterval(() => listener.onProgress({ ledger, statistics }), progressMs);
  try {
    await ended(merge(...streams));
  } finally {
    clearInterval(progress);
    await Promise.all(sources.map((source) => source.exited));
    await devices[Symbol.asyncDispose]();
  }
  const counts = new Map(plans.map(({ name }) => [name, ledger.counts(name)]));
  return statistics.summary((clock.now() - started) / 1000, counts);
}

/** The one subscription. Sources complete when the signal aborts, and what is under way is still decided. */
function ended(streams$: Observable<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    // eslint-disable-next-line rxjs-x/no-ignored-subscription -- ends with the sources
    streams$.subscribe({ error: reject, complete: resolve });
  });
}
