/**
 * The choosing half of a search: an oracle proposes trials and hears how they ended. Oracles
 * are pure: state in, state out, and states are plain JSON, so that a killed search resumes
 * from the last one written.
 */
import type { Space, Values } from './space.ts';
import { valuesHash } from './values-hash.ts';

export type Algorithm = 'random' | 'hyperband' | 'bayesian' | 'asha';

export type Direction = 'min' | 'max';

export type TrialStatus = 'RUNNING' | 'COMPLETED' | 'FAILED';

/** One combination and how far it is to be trained. */
export interface OracleTrial {
  readonly id: string;
  /** What is tuned; Keras Tuner's `tuner/…` entries are beside it, in `stage`. */
  readonly values: Values;
  /** Epochs already trained when this run of the trial starts. */
  readonly initialEpoch: number;
  /** Epochs trained when it ends. */
  readonly epochs: number;
  /** The trial whose checkpoint is carried on; `null`: none, or the trial's own. */
  readonly parent: string | null;
  /** Hyperband's bracket and round. */
  readonly stage?: { readonly bracket: number; readonly round: number };
  readonly status: TrialStatus;
  /** The objective; `null` until the trial has completed. */
  readonly score: number | null;
}

export interface OracleState {
  readonly seedState: number;
  /** In the order in which they were created. */
  readonly trials: readonly OracleTrial[];
}

/** Why an algorithm proposes no more. */
export type EndOfSearch = 'max trials' | 'space exhausted' | 'finished';

export type Decision<State extends OracleState> =
  | { readonly kind: 'run'; readonly trialId: string; readonly state: State }
  /** Nothing to start until a running trial has reported. */
  | { readonly kind: 'wait'; readonly state: State }
  | { readonly kind: 'stop'; readonly reason: EndOfSearch; readonly state: State };

export type TrialResult = { readonly status: 'COMPLETED'; readonly score: number } | { readonly status: 'FAILED' };

export interface Oracle<State extends OracleState = OracleState> {
  readonly algorithm: Algorithm;
  init(): State;
  /** Proposes a trial, which is then `RUNNING` in the state. */
  next(state: State): Decision<State>;
  /** Ends a running trial. Throws `Error` when `trialId` is not running. */
  report(state: State, trialId: string, result: TrialResult): State;
}

/** What every oracle is told. */
export interface OracleSettings {
  readonly space: Space;
  readonly direction: Direction;
  /** Positive integer. */
  readonly seed: number;
  /** Most combinations to try; `null`: as many as the algorithm wants. */
  readonly maxTrials: number | null;
  /** Epochs of a fully trained trial. */
  readonly epochs: number;
}

/** Sets status and score of a running trial; the `report` of every oracle. */
export function reported<State extends OracleState>(state: State, trialId: string, result: TrialResult): State {
  if (trialById(state, trialId).status !== 'RUNNING') throw new Error(`Trial ${trialId} is not running.`);
  const score = result.status === 'COMPLETED' ? result.score : null;
  return replaced(state, trialId, { status: result.status, score });
}

export function replaced<State extends OracleState>(
  state: State,
  trialId: string,
  change: Partial<OracleTrial>,
): State {
  const trials = state.trials.map((trial) => (trial.id === trialId ? { ...trial, ...change } : trial));
  return { ...state, trials };
}

export function trialById(state: OracleState, trialId: string): OracleTrial {
  const trial = state.trials.find(({ id }) => id === trialId);
  if (trial === undefined) throw new Error(`There is no trial ${trialId}.`);
  return trial;
}

export function runningTrials(state: OracleState): OracleTrial[] {
  return state.trials.filter(({ status }) => status === 'RUNNING');
}

/** Completed trials, best first; the older of two equals first. */
export function ranked(trials: readonly OracleTrial[], direction: Direction): OracleTrial[] {
  const sign = direction === 'max' ? -1 : 1;
  return trials
    .filter(({ status }) => status === 'COMPLETED')
    .toSorted((a, b) => sign * ((a.score ?? 0) - (b.score ?? 0)));
}

/** Hashes of every combination that has been started. */
export function triedHashes(space: Space, state: OracleState): Set<string> {
  return new Set(state.trials.map(({ values }) => valuesHash(space, values)));
}

/** Keras Tuner pads a trial's number to the digits of max trials, or of Python's `None`. */
export function trialId(state: OracleState, maxTrials: number | null): string {
  const width = state.trials[0]?.id.length ?? (maxTrials === null ? 4 : String(maxTrials).length);
  return String(state.trials.length).padStart(width, '0');
}
