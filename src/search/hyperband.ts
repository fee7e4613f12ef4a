/** Hyperband: brackets of successive halving, from many short trials to few long ones. */
import type { Decision, Oracle, OracleSettings, OracleState, OracleTrial } from './oracle.ts';
import { ranked, reported, triedHashes, trialById, trialId } from './oracle.ts';
import { ended } from './random.ts';
import { sampleUntried } from './sampling.ts';

export interface HyperbandOptions {
  /** How many times fewer trials, and more epochs, each round has: an integer, at least 2. */
  readonly factor?: number;
  /** How often the sweep over all brackets runs. */
  readonly iterations?: number;
  /**
   * What happens when a bracket cannot be filled because the space has no more combinations:
   * `halve` carries on with those there are; `stop` ends at once, as Keras Tuner does
   * (keras-team/keras-tuner#676).
   */
  readonly smallSpace?: 'halve' | 'stop';
}

interface Slot {
  readonly pastId: string | null;
  readonly id: string;
}

interface Bracket {
  readonly number: number;
  readonly rounds: readonly (readonly Slot[])[];
  /** The space ran out while the first round was filled. */
  readonly cut: boolean;
}

export interface HyperbandState extends OracleState {
  readonly brackets: readonly Bracket[];
  readonly currentBracket: number;
  readonly currentIteration: number;
}

/** How many brackets there are: the epochs divided by the factor until below one. */
export function bracketCount(maxEpochs: number, factor: number): number {
  let count = 0;
  for (let epochs = maxEpochs; epochs >= 1; epochs /= factor) count++;
  return count;
}

/** Trials in a round: `ceil(ceil(1 + log_f(max)) / (b + 1) · f^(b − r))`. */
export function roundSize(maxEpochs: number, factor: number, bracket: number, round: number): number {
  const last = 1 + ceilLog(maxEpochs, factor);
  return Math.ceil((last / (bracket + 1)) * factor ** (bracket - round));
}

/** Counted, because a quotient of logarithms of 9 and 3 is a little above 2. */
function ceilLog(value: number, base: number): number {
  let power = 0;
  while (base ** power < value) power++;
  return power;
}

/** Epochs at the end of a round: `ceil(max / f^(b − r))`. */
export function roundEpochs(maxEpochs: number, factor: number, bracket: number, round: number): number {
  return Math.ceil(maxEpochs / factor ** (bracket - round));
}

/**
 * Keras Tuner's `Hyperband`: the same brackets, rounds, promotions and random trials.
 * `settings.epochs` are the most that a trial trains.
 *
 * Reference: Li et al., Hyperband, JMLR 18 (2018), https://jmlr.org/papers/v18/16-558.html
 */
export function hyperbandOracle(settings: OracleSettings, options: HyperbandOptions = {}): Oracle<HyperbandState> {
  const plan = new Plan(settings, options);
  return {
    algorithm: 'hyperband',
    init: () => {
      const currentBracket = bracketCount(settings.epochs, plan.factor) - 1;
      const brackets = [newBracket(currentBracket)];
      return { seedState: settings.seed, trials: [], brackets, currentBracket, currentIteration: 0 };
    },
    next: (state) => plan.next(state),
    report: reported,
  };
}

function newBracket(number: number): Bracket {
  return { number, rounds: Array.from({ length: number + 1 }, () => []), cut: false };
}

class Plan {
  readonly factor: number;
  readonly #settings: OracleSettings;
  readonly #iterations: number;
  readonly #smallSpace: 'halve' | 'stop';

  constructor(settings: OracleSettings, { factor = 3, iterations = 1, smallSpace = 'halve' }: HyperbandOptions) {
    this.factor = factor;
    this.#settings = settings;
    this.#iterations = iterations;
    this.#smallSpace = smallSpace;
  }

  next(before: HyperbandState): Decision<HyperbandState> {
    let state: HyperbandState = {
      ...before,
      brackets: before.brackets.filter((bracket) => !this.#complete(bracket)),
    };
    const full = () => this.#settings.maxTrials !== null && state.trials.length >= this.#settings.maxTrials;
    if (full()) return ended(state, 'max trials');
    for (const bracket of state.brackets) {
      const decision = this.#advance(state, bracket);
      if (decision.kind === 'run') return decision;
      state = decision.state;
      if (decision.kind === 'stop') return ended(state, decision.reason);
    }
    if (state.currentBracket === 0 && state.currentIteration + 1 >= this.#iterations) return ended(state, 'finished');
    return this.#openBracket(state);
  }

  #openBracket(state: HyperbandState): Decision<HyperbandState> {
    const wraps = state.currentBracket === 0;
    const currentBracket = wraps ? bracketCount(this.#settings.epochs, this.factor) - 1 : state.currentBracket - 1;
    return this.next({
      ...state,
      currentBracket,
      currentIteration: state.currentIteration + (wraps ? 1 : 0),
      brackets: [...state.brackets, newBracket(currentBracket)],
    });
  }

  /** Starts the next trial of one bracket; `wait` when it has none to start. */
  #advance(state: HyperbandState, bracket: Bracket): Decision<HyperbandState> {
    const first = bracket.rounds[0] ?? [];
    if (!bracket.cut && first.length < this.#size(bracket.number, 0)) return this.#startRandom(state, bracket);
    for (let round = 1; round < bracket.rounds.length; round++) {
      const best = this.#promotable(state, bracket, round);
      if (best !== undefined) return this.#promote(state, bracket, round, best);
    }
    return { kind: 'wait', state };
  }

  #startRandom(state: HyperbandState, bracket: Bracket): Decision<HyperbandState> {
    const { space } = this.#settings;
    const { values, seedState } = sampleUntried(space, state.seedState, triedHashes(space, state));
    if (values === null) return this.#cut({ ...state, seedState }, bracket);
    return this.#start({ ...state, seedState }, bracket, 0, { values, pastId: null });
  }

  /** The space is used up: the bracket makes do with the trials that it has. */
  #cut(state: HyperbandState, bracket: Bracket): Decision<HyperbandState> {
    if (this.#smallSpace === 'stop') return { kind: 'stop', reason: 'space exhausted', state };
    const cut = { ...bracket, cut: true };
    return this.#advance(withBracket(state, bracket, cut), cut);
  }

  /** The best of the last round, once more are ready than will be thrown out. */
  #promotable(state: HyperbandState, bracket: Bracket, round: number): OracleTrial | undefined {
    const past = bracket.rounds[round - 1] ?? [];
    const selected = new Set(bracket.rounds[round]?.map(({ pastId }) => pastId));
    const candidates = past.filter(({ id }) => !selected.has(id)).map(({ id }) => trialById(state, id));
    const best = ranked(candidates, this.#settings.direction);
    const thrownOut = this.#target(bracket, round - 1) - this.#target(bracket, round);
    return best.length > thrownOut ? best[0] : undefined;
  }

  #promote(state: HyperbandState, bracket: Bracket, round: number, best: OracleTrial): Decision<HyperbandState> {
    return this.#start(state, bracket, round, { values: best.values, pastId: best.id });
  }

  #start(
    state: HyperbandState,
    bracket: Bracket,
    round: number,
    { values, pastId }: Pick<OracleTrial, 'values'> & Pick<Slot, 'pastId'>,
  ): Decision<HyperbandState> {
    const id = trialId(state, this.#settings.maxTrials);
    const trial: OracleTrial = {
      id,
      values,
      initialEpoch: round === 0 ? 0 : this.#epochs(bracket.number, round - 1),
      epochs: this.#epochs(bracket.number, round),
      parent: pastId,
      stage: { bracket: state.currentBracket, round },
      status: 'RUNNING',
      score: null,
    };
    const rounds = bracket.rounds.map((slots, index) => (index === round ? [...slots, { pastId, id }] : slots));
    const grown = withBracket(state, bracket, { ...bracket, rounds });
    return { kind: 'run', trialId: id, state: { ...grown, trials: [...state.trials, trial] } };
  }

  #complete(bracket: Bracket): boolean {
    const last = bracket.rounds.length - 1;
    if (bracket.cut && bracket.rounds[0]?.length === 0) return true;
    return bracket.rounds[last]?.length === this.#target(bracket, last);
  }

  /** The planned size of a round, less in proportion when the first could not be filled. */
  #target(bracket: Bracket, round: number): number {
    const planned = this.#size(bracket.number, round);
    if (!bracket.cut) return planned;
    return Math.ceil(((bracket.rounds[0]?.length ?? 0) * planned) / this.#size(bracket.number, 0));
  }

  #size(bracket: number, round: number): number {
    return roundSize(this.#settings.epochs, this.factor, bracket, round);
  }

  #epochs(bracket: number, round: number): number {
    return roundEpochs(this.#settings.epochs, this.factor, bracket, round);
  }
}

function withBracket(state: HyperbandState, old: Bracket, changed: Bracket): HyperbandState {
  return { ...state, brackets: state.brackets.map((bracket) => (bracket === old ? changed : bracket)) };
}
