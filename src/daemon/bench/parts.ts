/** Costs of the pipeline's parts, each alone, and the rate of the whole, in one run on one file. */
import { lastValueFrom, tap } from 'rxjs';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../domain/clock.ts';
import { Happenings } from '../../domain/happenings.ts';
import type { Engine } from '../../engine/engine.ts';
import { loadBundle } from '../../model/bundle.ts';
import { ClassifierSession } from '../../model/classifier-session.ts';
import { FrontEnd } from '../../model/front-end/front-end.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { Ledger } from '../../pipeline/ledger.ts';
import { run } from '../run.ts';
import { ffmpegSources } from '../stream/sources.ts';
import { planStream, type StreamPlan } from '../stream/stream-plan.ts';
import { childCoreSeconds, ownCoreSeconds } from './core-seconds.ts';

/** Rates are frames per second of wall-clock time; costs are seconds of one core per frame. */
export interface Measurement {
  readonly frames: number;
  readonly decoderRate: number;
  readonly decoderCoreSeconds: number;
  readonly frontEndRate: number;
  readonly frontEndCoreSeconds: number;
  readonly classifierRate: number;
  readonly classifierCoreSeconds: number;
  readonly pipelineRate: number;
  readonly pipelineCoreSeconds: number;
}

export interface MeasureParts {
  /** With one stream, a file. */
  readonly config: Config;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly clock: Clock;
}

interface Cost {
  readonly frames: number;
  readonly rate: number;
  readonly coreSeconds: number;
}

const aloneMs = 2000;

/** What `run` would make of the one stream of the configuration. */
export async function planOf({ config, engine, ffmpeg }: MeasureParts): Promise<StreamPlan> {
  const [stream] = config.streams;
  if (!stream) throw new Error('there is no stream to measure');
  const bundle = await loadBundle(stream.bundle);
  return planStream(stream, { look: ffmpegSources(ffmpeg).look, device: engine.report, bundle });
}

export async function measurePipeline(plan: StreamPlan, parts: MeasureParts): Promise<Measurement> {
  const decoder = await decoderAlone(plan, parts);
  const frontEnd = await frontEndAlone(plan, parts);
  const classifier = await classifierAlone(plan, parts);
  const before = ownCoreSeconds() + childCoreSeconds();
  const happenings = new Happenings();
  const { summary, failures } = await run({
    ...parts,
    sources: ffmpegSources(parts.ffmpeg),
    happenings,
    ledger: new Ledger(happenings),
    signal: new AbortController().signal,
  });
  if (failures.length > 0) throw failures[0];
  const classified = summary.streams[0]?.frames.classified ?? 0;
  return {
    frames: decoder.frames,
    decoderRate: decoder.rate,
    decoderCoreSeconds: decoder.coreSeconds,
    frontEndRate: frontEnd.rate,
    frontEndCoreSeconds: frontEnd.coreSeconds,
    classifierRate: classifier.rate,
    classifierCoreSeconds: classifier.coreSeconds,
    pipelineRate: classified / summary.seconds,
    pipelineCoreSeconds: (ownCoreSeconds() + childCoreSeconds() - before) / classified,
  };
}

async function decoderAlone(plan: StreamPlan, { ffmpeg, clock, config }: MeasureParts): Promise<Cost> {
  const source = ffmpegSources(ffmpeg).open(plan, {
    clock,
    batch: config.batch,
    signal: new AbortController().signal,
    onLost: () => undefined,
  });
  let frames = 0;
  return cost(clock, childCoreSeconds, async () => {
    await lastValueFrom(
      source.frames$.pipe(
        tap(({ pixels }) => {
          frames++;
          source.release(pixels);
        }),
      ),
    );
    await source.exited;
    return frames;
  });
}

async function frontEndAlone(
  { choice, tiles, decoder, adapter }: StreamPlan,
  { engine, clock }: MeasureParts,
): Promise<Cost> {
  const { grid } = decoder;
  await using frontEnd = FrontEnd.on(engine, choice.geometry, tiles);
  const works = Array.from({ length: engine.report.parallelRuns }, () => {
    let pixels = new Uint8Array(3 * grid.width * grid.height).map((_, i) => (i * 7919) % 256);
    return async () => {
      const { image, pixels: back } = await frontEnd.run(pixels, adapter);
      frontEnd.release(image);
      pixels = back;
    };
  });
  return await repeated(clock, works, 1);
}

async function classifierAlone({ bundle, tiles }: StreamPlan, { engine, clock, config }: MeasureParts): Promise<Cost> {
  const { input, output } = bundle.card;
  await using session = await ClassifierSession.load(engine, {
    modelPath: bundle.modelPath,
    inputName: input.name,
    outputName: output.name,
    input,
  });
  const images = Array.from({ length: config.batch.size }, () =>
    new Float32Array(3 * input.width * input.height).map((_, i) => ((i * 7919) % 256) / 255),
  );
  const works = Array.from({ length: engine.report.parallelRuns }, () => () => session.classify(images));
  return await repeated(clock, works, images.length / (tiles?.corners.length ?? 1));
}

/** Each of `works` repeats side by side after one warm-up, for two seconds. */
async function repeated(clock: Clock, works: (() => Promise<unknown>)[], framesEach: number): Promise<Cost> {
  await Promise.all(works.map((once) => once()));
  return cost(clock, ownCoreSeconds, async () => {
    const end = clock.now() + aloneMs;
    let frames = 0;
    await Promise.all(
      works.map(async (once) => {
        for (; clock.now() < end; frames += framesEach) await once();
      }),
    );
    return frames;
  });
}

async function cost(clock: Clock, coreSeconds: () => number, work: () => Promise<number>): Promise<Cost> {
  const startedAt = clock.now();
  const coreBefore = coreSeconds();
  const frames = await work();
  const seconds = (clock.now() - startedAt) / 1000;
  const core = coreSeconds() - coreBefore;
  // Where the system does not tell of children, a decoder is taken to use one core throughout.
  return { frames, rate: frames / seconds, coreSeconds: (Number.isNaN(core) ? seconds : core) / frames };
}
