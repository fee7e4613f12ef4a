/** Asynchronous successive halving: every trial starts short, and the better ones carry on. */
import type { Decision, Oracle, OracleSettings, OracleState, OracleTrial } from './oracle.ts';
import { ranked, replaced, reported, runningTrials } from './oracle.ts';
import { ended, startRandom } from './random.ts';

export interface AshaOptions {
  /** One trial in so many is carried on from a rung: an integer, at least 2. */
  readonly reductionFactor?: number;
  /** Epochs at which trials are compared, rising, the last being all; by default halved down to 1. */
  readonly rungs?: readonly number[];
}

export interface AshaState extends OracleState {
  /** No more combinations can be started. */
  readonly full: Extract<Decision<OracleState>, { kind: 'stop' }>['reason'] | null;
  /** Scores at each rung, by trial: what a promoted trial had there stays in the comparison. */
  readonly scores: readonly Readonly<Record<string, number>>[];
  /** Trials that were carried on from each rung. */
  readonly promoted: readonly (readonly string[])[];
}

/** Epochs halved (`floor(e / factor)`) down to 1: 1, 2, 5 for 5 epochs. */
export function defaultRungs(epochs: number, factor = 2): number[] {
  const rungs: number[] = [];
  for (let rung = epochs; rung >= 1; rung = Math.floor(rung / factor)) rungs.unshift(rung);
  return rungs;
}

/**
 * A trial trains to the first rung and pauses; the best `1 / reductionFactor` of the trials at a
 * rung carry on to the next from their own checkpoints, without waiting for a rung to fill.
 *
 * Unlike the original, no trial leaves the first rung before a cohort of
 * `reductionFactor^(rungs − 1)` has been there (or all that there will be): with 4 learning
 * rates and 5 epochs that is 4×1 + 2×1 + 1×3 = 9 epochs whatever the order, instead of 20. And
 * where fewer than that exist, the best is still trained to the end.
 *
 * Reference: Li et al., A System for Massively Parallel Hyperparameter Tuning, arXiv 1810.05934
 */
export function ashaOracle(settings: OracleSettings, options: AshaOptions = {}): Oracle<AshaState> {
  const factor = options.reductionFactor ?? 2;
  const rungs = options.rungs ?? defaultRungs(settings.epochs, factor);
  return {
    algorithm: 'asha',
    init: () => ({
      seedState: settings.seed,
      trials: [],
      full: null,
      scores: rungs.map(() => ({})),
      promoted: rungs.map(() => []),
    }),
    next: (state) => next({ settings, factor, rungs }, state),
    report: (state, trialId, result) => {
      const after = reported(state, trialId, result);
      if (result.status !== 'COMPLETED') return after;
      const rung = rungOf(rungs, after, trialId);
      const scores = after.scores.map((at, index) => (index === rung ? { ...at, [trialId]: result.score } : at));
      return { ...after, scores };
    },
  };
}

interface Ladder {
  readonly settings: OracleSettings;
  readonly factor: number;
  readonly rungs: readonly number[];
}

function next(ladder: Ladder, state: AshaState): Decision<AshaState> {
  const candidate = promotable(ladder, state);
  if (candidate !== null) return promote(ladder, state, candidate);
  const started: Decision<AshaState> = startRandom(
    { ...ladder.settings, epochs: ladder.rungs[0] ?? ladder.settings.epochs },
    state,
  );
  if (started.kind === 'run') return { ...started, state: { ...started.state, full: null } };
  const full = fullReason(ladder, started);
  const closed = { ...started.state, full };
  // Closing the first rung may be what its promotions waited for.
  const unlocked = promotable(ladder, closed);
  if (unlocked !== null) return promote(ladder, closed, unlocked);
  if (runningTrials(closed).length > 0) return { kind: 'wait', state: closed };
  const last = finalist(ladder, closed);
  return last === null ? ended(closed, full) : promote(ladder, closed, last);
}

function fullReason({ settings }: Ladder, started: Decision<AshaState>) {
  if (started.kind === 'stop') return started.reason;
  return started.state.trials.length === settings.maxTrials ? 'max trials' : 'space exhausted';
}

interface Candidate {
  readonly trialId: string;
  /** The rung that it leaves. */
  readonly rung: number;
}

/** The best trial that may leave its rung, the highest rung first. */
function promotable(ladder: Ladder, state: AshaState): Candidate | null {
  const { settings, factor, rungs } = ladder;
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const there = atRung(state, rung, settings);
    const quota = rung === 0 ? firstQuota(ladder, state, there.length) : Math.floor(there.length / factor);
    const best = there.slice(0, quota).find(({ id }) => !state.promoted[rung]?.includes(id));
    if (best !== undefined) return { trialId: best.id, rung };
  }
  return null;
}

/** How many may leave the first rung: a share of the whole cohorts, or of all that there will be. */
function firstQuota({ factor, rungs }: Ladder, state: AshaState, count: number): number {
  const starting = runningTrials(state).some(({ initialEpoch }) => initialEpoch === 0);
  if (state.full !== null && !starting) return Math.floor(count / factor);
  const cohort = factor ** (rungs.length - 1);
  return (Math.floor(count / cohort) * cohort) / factor;
}

/** When nothing else is left and no trial was trained to the end: the best that got furthest. */
function finalist({ settings, rungs }: Ladder, state: AshaState): Candidate | null {
  for (let rung = rungs.length - 1; rung >= 0; rung--) {
    const there = atRung(state, rung, settings);
    if (rung === rungs.length - 1 && there.length > 0) return null;
    const best = there.find(({ id }) => !state.promoted[rung]?.includes(id));
    if (best !== undefined) return { trialId: best.id, rung };
  }
  return null;
}

function promote({ rungs }: Ladder, state: AshaState, { trialId, rung }: Candidate): Decision<AshaState> {
  const promoted = state.promoted.map((ids, index) => (index === rung ? [...ids, trialId] : ids));
  const change = { initialEpoch: rungs[rung] ?? 0, epochs: rungs[rung + 1] ?? 0, status: 'RUNNING' } as const;
  return { kind: 'run', trialId, state: replaced({ ...state, promoted }, trialId, change) };
}

/** Trials that have been scored at a rung, best first, with the scores that they had there. */
function atRung(state: AshaState, rung: number, { direction }: OracleSettings): OracleTrial[] {
  const scores = state.scores[rung] ?? {};
  const there = state.trials.filter(({ id }) => id in scores);
  return ranked(
    there.map((trial) => ({ ...trial, status: 'COMPLETED' as const, score: scores[trial.id] ?? 0 })),
    direction,
  );
}

function rungOf(rungs: readonly number[], state: OracleState, trialId: string): number {
  return rungs.indexOf(state.trials.find(({ id }) => id === trialId)?.epochs ?? -1);
}
