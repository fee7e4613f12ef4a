/** The fitting loop: frames in an order that the seed decides, gradients from the engine, steps by Adam. */
import { adapterTensorNames, toTensors, type AdapterWeights } from '../../model/adapter.ts';
import { adam, type AdamState } from '../optimizer/adam.ts';
import { clipByGlobalNorm, globalNorm } from '../optimizer/clip.ts';
import { pulledToStart } from '../optimizer/distance-to-start.ts';
import { cosineSchedule, type Schedule } from '../optimizer/schedule.ts';
import { batchAt } from './order.ts';
import type { StepGradient } from './step-gradient.ts';

/** Of Adam, at the height of the schedule, for each of the two convolutions. */
export interface LearningRate {
  readonly conv1: number;
  readonly conv2: number;
}

export interface FitSettings {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: LearningRate;
  /** Steps over which the learning rate rises; it falls to 0 afterwards. */
  readonly warmUp: number;
  /** Longest gradient, all parameters as one vector. */
  readonly clipNorm: number;
  /** λ of the pull towards the start, `½λ‖w − w₀‖²`; 0 for none. */
  readonly pull: number;
  readonly seed: number;
}

/** One step's figures, before its update. */
export interface StepRecord {
  /** Counted from 1. */
  readonly step: number;
  readonly loss: number;
  readonly pieces: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  /** Share of the full learning rate. */
  readonly rateFactor: number;
}

/** All that a fit needs to go on. */
export interface FitState {
  /** Steps done. */
  readonly step: number;
  readonly weights: AdapterWeights;
  readonly optimizer: AdamState;
}

export interface FitParts {
  readonly gradient: Pick<StepGradient, 'of'>;
  /** Frames to fit on. */
  readonly indices: readonly number[];
  readonly settings: FitSettings;
  /** By default a warm-up and half a cosine. */
  readonly schedule?: Schedule | undefined;
}

export interface FitRun {
  /** Where the weights begin, and are pulled to. */
  readonly start: AdapterWeights;
  /** Goes on from here. */
  readonly from?: FitState | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told after each step; the next step waits for it. */
  readonly onStep?: (record: StepRecord, state: FitState) => void | Promise<void>;
  /** Asked after each step: no more steps once it says so. */
  readonly until?: (record: StepRecord, state: FitState) => boolean | Promise<boolean>;
}

/** A fit that left the numbers: its learning rate was too high, or its frames show nothing. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

const optimizer = adam();

export function fitState(start: AdapterWeights): FitState {
  return { step: 0, weights: start, optimizer: optimizer.init(arraysOf(start)) };
}

/** Runs the steps that are left. Throws a `DivergedError` where the loss is no finite number, and the signal's reason. */
export async function fit(
  { gradient, indices, settings, schedule: factorAt = cosineSchedule(settings.steps, settings) }: FitParts,
  { start, from, signal, onStep, until }: FitRun,
): Promise<FitState> {
  let state = from ?? fitState(start);
  while (state.step < settings.steps) {
    signal?.throwIfAborted();
    const { loss, pieces, gradients } = await gradient.of(batchAt(indices, state.step, settings), state.weights);
    if (!Number.isFinite(loss)) {
      throw new DivergedError(`the loss is ${loss} after ${state.step} steps; a lower learning rate may help`);
    }
    const rateFactor = factorAt(state.step);
    state = stepped(state, gradients, { start: arraysOf(start), settings, rateFactor });
    const record = { step: state.step, loss, pieces, gradientNorm: globalNorm(gradients), rateFactor };
    await onStep?.(record, state);
    if (await until?.(record, state)) break;
  }
  return state;
}

interface StepContext {
  readonly start: readonly Float32Array[];
  readonly settings: FitSettings;
  readonly rateFactor: number;
}

function stepped(
  state: FitState,
  raw: readonly Float32Array[],
  { start, settings, rateFactor }: StepContext,
): FitState {
  const { conv1, conv2 } = settings.learningRate;
  const parameters = arraysOf(state.weights);
  const clipped = clipByGlobalNorm(raw, settings.clipNorm);
  const updated = optimizer.update(
    state.optimizer,
    parameters,
    pulledToStart(clipped, parameters, start, settings.pull),
    [conv1, conv1, conv2, conv2].map((rate) => rate * rateFactor),
  );
  return { step: state.step + 1, weights: weightsOf(updated.parameters), optimizer: updated.state };
}

function arraysOf(weights: AdapterWeights): Float32Array<ArrayBuffer>[] {
  const tensors = toTensors(weights);
  return adapterTensorNames.map((name) => tensors[name]?.data as Float32Array<ArrayBuffer>);
}

function weightsOf([
  conv1Weight,
  conv1Bias,
  conv2Weight,
  conv2Bias,
]: readonly Float32Array<ArrayBuffer>[]): AdapterWeights {
  if (!conv1Weight || !conv1Bias || !conv2Weight || !conv2Bias) throw new Error('an adapter has four tensors');
  const weights = { conv1Weight, conv1Bias, conv2Weight, conv2Bias };
  const odd = Object.values(weights).some((values) => values.some((value) => !Number.isFinite(value)));
  if (odd) throw new DivergedError('the weights are no finite numbers any more; a lower learning rate may help');
  return weights;
}
