/** The composition root of `run`: builds everything, has the program's one subscription, closes in reverse. */
import { from, map, merge, type Observable } from 'rxjs';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../domain/clock.ts';
import type { StateEvent } from '../domain/event.ts';
import type { DeviceReport, Engine } from '../engine/engine.ts';
import { loadBundle, shippedBundles, type Bundle } from '../model/bundle.ts';
import { ClassifierSession } from '../model/classifier-session.ts';
import { FrontEndSession } from '../model/front-end-session.ts';
import { geometryKey } from '../model/geometry.ts';
import type { RunSummary } from '../output/summary.ts';
import { RunStatistics } from '../output/run-statistics.ts';
import { Batcher } from '../pipeline/batcher.ts';
import { Ledger } from '../pipeline/ledger.ts';
import type { Smoothed } from '../pipeline/smooth.ts';
import type { Ffmpeg } from '../video/ffmpeg.ts';
import type { DecoderReport } from '../video/hardware.ts';
import { openSource, type Source } from '../video/source.ts';
import { classifyFrame } from './frame-classifier.ts';
import { isLossless, stream$ } from './stream.ts';
import { planStream, type StreamPlan } from './stream-plan.ts';

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
  const devices = await Devices.load(engine, new Set(plans.map(({ bundle }) => bundle)), config, statistics);
  const sources: Source[] = [];
  const started = clock.now();
  const streams = plans.map((plan) => {
    const source = openPlannedSource(plan, parts, ledger);
    sources.push(source);
    return stream$(plan, {
      source,
      ledger,
      clock,
      concurrency: config.batch.size + config.batch.in_flight,
      classify: (frame) =>
        classifyFrame(
          frame,
          {
            frontEnd: devices.frontEnd(plan),
            adapter: () => plan.adapter,
            release: (pixels) => source.release(pixels),
          },
          { batcher: devices.batcher(plan), clock, onFrontEnd: (seconds) => statistics.stage('front end', seconds) },
        ),
      onPrediction: (prediction) => {
        statistics.classified(plan.name, (prediction.decidedAt - prediction.capturedAt) / 1000);
        listener.onPrediction(prediction, plan);
      },
      onEvent: (event) => {
        statistics.event(event);
        listener.onEvent(event, plan);
      },
      onError: (error) => listener.onError(error, plan),
    });
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

function openPlannedSource(
  plan: StreamPlan,
  { ffmpeg, clock, config, signal, listener }: RunParts,
  ledger: Ledger,
): Source {
  const { name, spec, info, decoder, config: stream } = plan;
  const lossless = isLossless(plan);
  return openSource({
    stream: name,
    spec,
    info,
    ...decoder,
    framesPerSecond: stream.frames_per_second ?? undefined,
    realtime: stream.realtime,
    hardware: stream.hardware_decode,
    lossless,
    // A live stream has one frame at the device, one that waits and one that is being filled.
    slots: lossless ? config.batch.size + config.batch.in_flight + 1 : 4,
    stallSeconds: stream.stall_seconds,
    clock,
    ffmpeg,
    onDrop: (reason) => ledger.lost(name, reason),
    signal,
    onDecoder: (report) => listener.onDecoder(report, plan),
  });
}

/** Loads each bundle once, however many streams use it. */
function sharedBundles({ models_directory: own }: Config): (name: string) => Promise<Bundle> {
  const paths = own === null ? [shippedBundles] : [own, shippedBundles];
  const bundles = new Map<string, Promise<Bundle>>();
  return (name) => {
    let bundle = bundles.get(name);
    if (!bundle) bundles.set(name, (bundle = loadBundle(name, paths)));
    return bundle;
  };
}

/** What runs on the device, shared by the streams: a classifier per bundle, a front end per geometry. */
class Devices implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #classifiers = new Map<
    Bundle,
    { session: ClassifierSession; batcher: Batcher<Float32Array, Float32Array> }
  >();
  readonly #frontEnds = new Map<string, FrontEndSession>();

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  static async load(
    engine: Engine,
    bundles: Iterable<Bundle>,
    { batch }: Config,
    statistics: RunStatistics,
  ): Promise<Devices> {
    const devices = new Devices(engine);
    for (const bundle of bundles) {
      const { card, modelPath } = bundle;
      const { name: inputName, width, height } = card.input;
      const model = { modelPath, inputName, outputName: card.output.name, input: { width, height } };
      const session = await ClassifierSession.load(engine, model);
      const batcher = new Batcher<Float32Array, Float32Array>({
        size: batch.size,
        maxWaitMs: 1000 * batch.max_wait_seconds,
        inFlight: batch.in_flight,
        // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
        project: (images) =>
          from(session.classify(images)).pipe(
            map(({ logits, milliseconds }) => {
              statistics.stage('classifier (batch)', milliseconds / 1000);
              return logits;
            }),
          ),
      });
      devices.#classifiers.set(bundle, { session, batcher });
    }
    return devices;
  }

  batcher({ bundle }: StreamPlan): Batcher<Float32Array, Float32Array> {
    return this.#classifier(bundle).batcher;
  }

  frontEnd({ choice: { geometry }, decoder: { pixelFormat } }: StreamPlan): FrontEndSession {
    const key = geometryKey(geometry);
    let session = this.#frontEnds.get(key);
    if (!session) this.#frontEnds.set(key, (session = new FrontEndSession(this.#engine, geometry, pixelFormat)));
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#frontEnds.values()) await session[Symbol.asyncDispose]();
    for (const { session } of this.#classifiers.values()) await session[Symbol.asyncDispose]();
  }

  #classifier(bundle: Bundle) {
    const classifier = this.#classifiers.get(bundle);
    if (!classifier) throw new Error(`the bundle ${bundle.card.name} has not been loaded`);
    return classifier;
  }
}
