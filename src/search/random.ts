import type { Decision, EndOfSearch, Oracle, OracleSettings, OracleState } from './oracle.ts';
import { reported, runningTrials, triedHashes, trialId } from './oracle.ts';
import { sampleUntried } from './sampling.ts';

/**
 * Random search without repeats: Keras Tuner's `RandomSearch`, the same trials in the same order
 * for the same seed. Ends at `maxTrials`, or when a finite space has been tried out.
 */
export function randomOracle(settings: OracleSettings): Oracle {
  return {
    algorithm: 'random',
    init: () => ({ seedState: settings.seed, trials: [] }),
    next: (state) => startRandom(settings, state),
    report: reported,
  };
}

/** Starts an untried random combination for the full number of epochs, or stops. */
export function startRandom<State extends OracleState>(settings: OracleSettings, state: State): Decision<State> {
  if (settings.maxTrials !== null && state.trials.length >= settings.maxTrials) return ended(state, 'max trials');
  const { values, seedState } = sampleUntried(settings.space, state.seedState, triedHashes(settings.space, state));
  if (values === null) return ended({ ...state, seedState }, 'space exhausted');
  const id = trialId(state, settings.maxTrials);
  const { epochs } = settings;
  const trial = { id, values, initialEpoch: 0, epochs, parent: null, status: 'RUNNING', score: null } as const;
  return { kind: 'run', trialId: id, state: { ...state, seedState, trials: [...state.trials, trial] } };
}

/** A search does not stop before its running trials have reported. */
export function ended<State extends OracleState>(state: State, reason: EndOfSearch): Decision<State> {
  return runningTrials(state).length > 0 ? { kind: 'wait', state } : { kind: 'stop', reason, state };
}
