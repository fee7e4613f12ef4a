/** Fits by gradients, as many steps as time allows. */
import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Geometry } from '../../model/geometry.ts';
import type { GraphModel } from '../../onnx/model.ts';
import { allOf, type FrameSet } from '../data/frame-set.ts';
import { spreadOver } from '../data/spread.ts';
import { alignPiece } from '../loss/align.ts';
import { labelsPiece } from '../loss/labels.ts';
import { matchPiece } from '../loss/match.ts';
import type { LossPiece } from '../loss/piece.ts';
import type { FeatureStatistics } from '../statistics/feature-statistics.ts';
import { cameraModel } from '../simulation/camera-model.ts';
import { simulated } from '../simulation/simulate.ts';
import {
  fit,
  fitState,
  type FitSettings,
  type FitState,
  type FitParts,
  type LearningRate,
  type StepRecord,
} from './fit.ts';
import { testedRate, type RangeTestParts } from './range-test.ts';
import { sparseLast } from './sparse-last.ts';
import { framesAtOnce, StepGradient } from './step-gradient.ts';
import { askedTeacher, rememberedTeacher } from './teacher.ts';
import { usualLearningRate } from './usual-settings.ts';

export const objectives = ['align', 'labels', 'match', 'restore'] as const;

export type Objective = (typeof objectives)[number];

/** What stays the same over all stages of a fit. */
export interface StageParts {
  readonly engine: Engine;
  readonly bundle: Bundle;
  readonly geometry: Geometry;
  readonly frames: FrameSet;
  /**
   * Undamaged pictures, their colours those of the target where they show other things, for `restore`; asked for when
   * it comes to that, and not disposed of.
   */
  readonly photographs?: (() => Promise<FrameSet>) | undefined;
  readonly target: FeatureStatistics;
  /** The teacher of `match` and `restore`: the resize of training. */
  readonly reference: AdapterWeights;
  readonly clock: Pick<Clock, 'now'>;
}

/** Settings of a stage; without a learning rate, a range test finds one. */
export type StageSettings = Omit<FitSettings, 'learningRate'> & { readonly learningRate?: LearningRate | undefined };

/** What is found out before the first step counts. */
export interface DecidedStage {
  readonly steps: number;
  readonly learningRate: LearningRate;
}

export interface StageRun {
  readonly objective: Objective;
  readonly start: AdapterWeights;
  readonly indices: readonly number[];
  /** `steps` at most; see `stepsWithin`. */
  readonly settings: StageSettings;
  readonly signal?: AbortSignal | undefined;
  /** Seconds that the steps may take; asked for once, before the first one counts. */
  readonly secondsLeft: () => number;
  /** In a run that was cut off or is repeated. */
  readonly decided?: DecidedStage | undefined;
  /** Waited for. */
  readonly onDecided?: (decided: DecidedStage) => Promise<void>;
  readonly from?: FitState | undefined;
  readonly onStep?: (record: StepRecord, state: FitState, seconds: number) => void | Promise<void>;
}

export interface StageResult extends DecidedStage {
  readonly weights: AdapterWeights;
  /** Frames that steps looked at, per second. */
  readonly framesPerSecond: number;
}

/** How a step's frames are told by the size of a batch. */
export interface StepFrames {
  /** Frames whose loss a step takes. */
  readonly looked: number;
  /** Share of these that its gradient is taken of. */
  readonly differentiated: number;
}

/**
 * Going forward is a quarter of the work, so that the alignment, a function of means over frames, has these of twice as
 * many frames as a batch has, and its gradient of a quarter of those. Accuracies on noise, low light and low contrast are
 * those of one batch forward and back, in six sevenths of the time; a quarter of one batch is worse on noise.
 */
export function stepFrames(objective: Objective, batch: number): StepFrames {
  return objective === 'align' ? { looked: 2 * batch, differentiated: 1 / 4 } : { looked: batch, differentiated: 1 };
}

/** Weight of the alignment beside labels: it holds the first layers where training had them. */
const alignmentBesideLabels = 0.3;

/** Steps of a busy machine take longer than the first ones did. */
const prudence = 0.9;

/** Frames that tell what the camera does. */
const modelFrames = 24;

/** Runs one stage. Throws a `DivergedError`, or the signal's reason. */
export async function runStage(
  parts: StageParts & { readonly classifier: GraphModel },
  run: StageRun,
): Promise<StageResult> {
  const { engine, bundle, geometry, clock } = parts;
  const { start, signal } = run;
  const batch = framesAtOnce(run.settings.batch, engine);
  const { looked, differentiated } = stepFrames(run.objective, run.settings.batch);
  const settings = { ...run.settings, batch: looked };
  await using lesson = await lessonOf(parts, run, batch);
  const { classifier, frames, indices, pieces } = lesson;
  const options = { classifier, card: bundle.card, geometry, batch, frames, pieces, differentiated };
  await using gradient = await StepGradient.load(engine, options);
  const common = { gradient, indices, atOnce: batch };
  const decided = run.decided ?? (await decide(common, parts, { ...run, settings }));
  if (run.decided === undefined) await run.onDecided?.(decided);
  const startedAt = clock.now();
  const done = run.from?.step ?? 0;
  const state = await fit(
    { ...common, settings: { ...settings, ...decided } },
    {
      start,
      from: run.from,
      signal,
      onStep: (record, state) => run.onStep?.(record, state, (clock.now() - startedAt) / 1000),
    },
  );
  const seconds = (clock.now() - startedAt) / 1000;
  return {
    ...decided,
    weights: state.weights,
    framesPerSecond: ((decided.steps - done) * settings.batch) / seconds,
  };
}

async function decide(
  common: Pick<RangeTestParts, 'gradient' | 'indices' | 'atOnce'>,
  parts: StageParts,
  run: StageRun,
): Promise<DecidedStage> {
  const { start, signal } = run;
  const settings = { ...run.settings, learningRate: run.settings.learningRate ?? usualLearningRate };
  const learningRate = run.settings.learningRate ?? (await testedRate({ ...common, settings }, start, signal));
  return { steps: await stepsWithin({ ...common, settings: { ...settings, learningRate } }, parts, run), learningRate };
}

/** Measured on two steps that are not kept, the first of which also lays out the memory. */
async function stepsWithin(fitParts: FitParts, { clock }: StageParts, run: StageRun): Promise<number> {
  let at = clock.now();
  let stepSeconds = 0;
  const settings = { ...fitParts.settings, steps: 2 };
  const onStep = () => {
    stepSeconds = (clock.now() - at) / 1000;
    at = clock.now();
  };
  await fit({ ...fitParts, settings }, { start: run.start, from: fitState(run.start), signal: run.signal, onStep });
  const affordable = Math.floor((prudence * run.secondsLeft()) / stepSeconds);
  return Math.max(1, Math.min(run.settings.steps, affordable));
}

/** What a stage looks at, and what it is told about it. */
interface Lesson extends AsyncDisposable {
  readonly classifier: GraphModel;
  readonly frames: FrameSet;
  readonly indices: readonly number[];
  readonly pieces: readonly LossPiece[];
}

async function lessonOf(
  parts: StageParts & { readonly classifier: GraphModel },
  { objective, indices, settings }: StageRun,
  batch: number,
): Promise<Lesson> {
  const { bundle, classifier, frames, photographs, target } = parts;
  const { output, statistics } = bundle.card;
  const lesson = (pieces: LossPiece[], looked = classifier) => ({
    classifier: looked,
    frames,
    indices,
    pieces,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  if (objective === 'align') {
    return lesson([alignPiece(target.activations)], sparseLast(classifier, target.activations));
  }
  if (objective === 'labels') {
    const alignment = alignPiece(target.activations, { weight: alignmentBesideLabels });
    return lesson([labelsPiece(output, frames.labels ?? []), alignment]);
  }
  const last = statistics.activations.at(-1);
  if (last === undefined) throw new Error(`${objective} needs an activation to match`);
  const { engine, geometry, reference } = parts;
  const taught = { engine, classifier, card: bundle.card, geometry, batch, weights: reference };
  if (objective === 'match') {
    const teacher = await askedTeacher({ ...taught, frames, tensors: [last.tensor, output.name] });
    return { ...lesson([matchPiece(last, output.name, { teacher: teacher.teach })]), ...teacher };
  }
  if (photographs === undefined) throw new Error('restore needs undamaged photographs');
  const model = await cameraModel(frames, spreadOver(indices, modelFrames));
  const pictures = await photographs();
  const pairs = await simulated(pictures, model, settings.seed);
  try {
    const teacher = await rememberedTeacher({ ...taught, frames: pictures, tensors: [last.tensor] });
    return {
      classifier,
      frames: pairs,
      indices: allOf(pairs),
      pieces: [matchPiece(last, undefined, { teacher: teacher.teach })],
      [Symbol.asyncDispose]: async () => {
        await pairs[Symbol.asyncDispose]();
        await teacher[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await pairs[Symbol.asyncDispose]();
    throw error;
  }
}
