/** Fits by gradients, as many steps as time allows. */
import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import { toTensors, type AdapterWeights } from '../../model/adapter.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Geometry } from '../../model/geometry.ts';
import { encodeModel, type GraphModel } from '../../onnx/model.ts';
import { foldableWeights } from '../../autodiff/foldable.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { alignPiece } from '../loss/align.ts';
import { labelsPiece } from '../loss/labels.ts';
import { matchPiece, type Teacher } from '../loss/match.ts';
import type { LossPiece } from '../loss/piece.ts';
import { batchBytes, readBatch } from '../statistics/batch.ts';
import type { FeatureStatistics } from '../statistics/feature-statistics.ts';
import { joinedGraph } from '../statistics/joined-graph.ts';
import { fit, fitState, type FitSettings, type FitState, type StepRecord } from './fit.ts';
import { framesAtOnce, StepGradient } from './step-gradient.ts';

export const objectives = ['align', 'labels', 'match'] as const;

export type Objective = (typeof objectives)[number];

/** What stays the same over all stages of a fit. */
export interface StageParts {
  readonly engine: Engine;
  readonly bundle: Bundle;
  readonly geometry: Geometry;
  readonly frames: FrameSet;
  readonly target: FeatureStatistics;
  /** The teacher of `match`: the resize of training. */
  readonly reference: AdapterWeights;
  readonly clock: Pick<Clock, 'now'>;
}

export interface StageRun {
  readonly objective: Objective;
  readonly start: AdapterWeights;
  readonly indices: readonly number[];
  /** `steps` at most; see `stepsWithin`. */
  readonly settings: FitSettings;
  readonly signal?: AbortSignal | undefined;
  /** Seconds that the steps may take; asked for once, before the first one counts. */
  readonly secondsLeft: () => number;
  /** Steps that were decided before, in a run that was cut off or is repeated. */
  readonly decidedSteps?: number | undefined;
  /** Told how many steps it will be; waited for. */
  readonly onDecided?: (steps: number) => Promise<void>;
  readonly from?: FitState | undefined;
  readonly onStep?: (record: StepRecord, state: FitState, seconds: number) => void | Promise<void>;
}

export interface StageResult {
  readonly weights: AdapterWeights;
  readonly steps: number;
  /** Frames that went forward and back, per second. */
  readonly framesPerSecond: number;
}

/** Weight of the alignment beside labels: it holds the first layers where training had them. */
const alignmentBesideLabels = 0.3;

/** Runs one stage. Throws a `DivergedError`, or the signal's reason. */
export async function runStage(
  parts: StageParts & { readonly classifier: GraphModel },
  run: StageRun,
): Promise<StageResult> {
  const { engine, bundle, classifier, geometry, frames, clock } = parts;
  const { settings, start, signal } = run;
  const batch = framesAtOnce(settings.batch);
  await using teacher = run.objective === 'match' ? await teacherOf(parts, classifier, batch) : undefined;
  const pieces = piecesOf(parts, run, teacher?.teach);
  const options = { classifier, card: bundle.card, geometry, batch, frames, pieces };
  await using gradient = await StepGradient.load(engine, options);
  const common = { gradient, indices: run.indices };
  const steps = run.decidedSteps ?? (await stepsWithin({ ...common, settings }, parts, run));
  if (run.decidedSteps === undefined) await run.onDecided?.(steps);
  const startedAt = clock.now();
  const done = run.from?.step ?? 0;
  const state = await fit(
    { ...common, settings: { ...settings, steps } },
    {
      start,
      from: run.from,
      signal,
      onStep: (record, state) => run.onStep?.(record, state, (clock.now() - startedAt) / 1000),
    },
  );
  const seconds = (clock.now() - startedAt) / 1000;
  return { weights: state.weights, steps, framesPerSecond: ((steps - done) * settings.batch) / seconds };
}

/** Measured on two steps that are not kept, the first of which also lays out the memory. */
async function stepsWithin(fitParts: Parameters<typeof fit>[0], { clock }: StageParts, run: StageRun): Promise<number> {
  let at = clock.now();
  let stepSeconds = 0;
  const settings = { ...fitParts.settings, steps: 2 };
  const onStep = () => {
    stepSeconds = (clock.now() - at) / 1000;
    at = clock.now();
  };
  await fit({ ...fitParts, settings }, { start: run.start, from: fitState(run.start), signal: run.signal, onStep });
  const affordable = Math.floor(run.secondsLeft() / stepSeconds);
  return Math.max(1, Math.min(run.settings.steps, affordable));
}

function piecesOf(parts: StageParts, { objective }: StageRun, teach: Teacher | undefined): LossPiece[] {
  const { bundle, frames, target } = parts;
  const { output, statistics } = bundle.card;
  switch (objective) {
    case 'align':
      return [alignPiece(target.activations)];
    case 'labels':
      return [
        labelsPiece({ output }, frames.labels ?? []),
        alignPiece(target.activations, { weight: alignmentBesideLabels }),
      ];
    case 'match': {
      const last = statistics.activations.at(-1);
      if (last === undefined || teach === undefined) throw new Error('match needs an activation and a teacher');
      return [matchPiece(last, output.name, { teacher: teach })];
    }
  }
}

async function teacherOf(
  { engine, bundle: { card }, geometry, frames, reference }: StageParts,
  classifier: GraphModel,
  batch: number,
): Promise<{ readonly teach: Teacher } & AsyncDisposable> {
  const tensors = [card.statistics.activations.at(-1)?.tensor ?? '', card.output.name];
  const graph = await engine.load(
    encodeModel(foldableWeights(joinedGraph({ classifier, card, geometry, batch, tensors }))),
  );
  const { width, height } = geometry.grid;
  return {
    teach: async (indices) => {
      const pixels = new Uint8Array(batchBytes(frames, indices.length));
      await readBatch(frames, indices, pixels);
      const feed = { pixels: { data: pixels, dims: [indices.length, 3, height, width] } };
      return (await graph.run({ ...feed, ...toTensors(reference) })).outputs;
    },
    [Symbol.asyncDispose]: () => graph.release(),
  };
}
