/** A search: an oracle chooses, trials are trained, everything is written down as it happens. */
import { isDeepStrictEqual } from 'node:util';
import { systemClock, type Clock } from '../domain/clock.ts';
import { ConfigurationError, UserError } from '../domain/errors.ts';
import { Stopped } from '../domain/stop.ts';
import { createOracle, type OracleChoice } from './create-oracle.ts';
import type { EarlyStopping } from './early-stopping.ts';
import type { Journal } from './journal.ts';
import { tunerValues, type OracleLog } from './keras-format.ts';
import type { Oracle, OracleSettings, OracleState, OracleTrial, EndOfSearch, TrialResult } from './oracle.ts';
import { runningTrials, trialById } from './oracle.ts';
import type { Space } from './space.ts';
import { isBetter, scoreOf, type EpochLog, type Objective, type TrialLog } from './trial-log.ts';
import { runExecutions, type RunTrial } from './trial-runner.ts';

export interface SearchOptions {
  readonly oracle: OracleChoice;
  readonly space: Space;
  readonly objective: Objective;
  readonly runTrial: RunTrial;
  /** A search that it already holds is carried on. */
  readonly journal: Journal;
  /** Integer from 1 on; the same seed gives the same trials. */
  readonly seed: number;
  /** Most combinations to try; `null`: as many as the algorithm or the space has. */
  readonly maxTrials: number | null;
  /** Epochs of a fully trained trial. */
  readonly epochs: number;
  /** Trainings per trial, over which the score is averaged. */
  readonly executionsPerTrial?: number;
  /** Time after which this call ends, at the next epoch, seconds. */
  readonly budgetSeconds?: number;
  readonly earlyStopping?: EarlyStopping;
  /** Failed trials in a row that end the search. */
  readonly maxConsecutiveFailures?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SearchProgress) => void;
}

export type SearchProgress =
  | { readonly kind: 'trial-start'; readonly trial: TrialLog; readonly epochs: number; readonly number: number }
  | { readonly kind: 'epoch'; readonly trial: TrialLog; readonly execution: number; readonly epoch: EpochLog }
  | { readonly kind: 'trial-end'; readonly trial: TrialLog; readonly best: TrialLog | null };

export interface SearchResult {
  readonly stopped: EndOfSearch | 'budget' | 'aborted';
  /** In the order in which they were started. */
  readonly trials: readonly TrialLog[];
  /** The completed trial with the best score, the first of equals. */
  readonly best: TrialLog | null;
  /** Epochs trained by this call. */
  readonly epochs: number;
}

/**
 * Searches until the algorithm, `maxTrials`, the budget or `signal` ends it. Called again with
 * the same journal it goes on where it was, inside a trial too: epochs on disk are not trained
 * again. `maxTrials`, the budget and what weighs a proposal (`beta`, `alpha`) may differ then.
 *
 * Throws `ConfigurationError` when the journal holds another search, `UsageError` for settings
 * that cannot be, and `UserError` after `maxConsecutiveFailures` failed trials in a row.
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  return new Search(options).run();
}

const variable = new Set(['beta', 'alpha', 'initialTrials', 'iterations']);

class Search {
  readonly #options: SearchOptions;
  readonly #settings: OracleSettings;
  readonly #oracle: Oracle;
  readonly #clock: Clock;
  readonly #logs = new Map<string, TrialLog>();
  readonly #ending = new AbortController();
  readonly #budgetOver = new Stopped('timeout');
  readonly #startedAt: number;
  #state: OracleState;
  #since: string;
  #epochs = 0;
  #failures = 0;

  constructor(options: SearchOptions) {
    const { space, objective, seed, maxTrials, epochs } = options;
    this.#options = options;
    this.#settings = { space, direction: objective.direction, seed, maxTrials, epochs };
    this.#oracle = createOracle(options.oracle, this.#settings);
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = this.#clock.now();
    this.#state = this.#oracle.init();
    this.#since = this.#clock.date().toISOString();
  }

  async run(): Promise<SearchResult> {
    await this.#resume();
    const { signal } = this.#options;
    const abort = () => this.#ending.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    try {
      return this.#result(await this.#loop());
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #resume(): Promise<void> {
    const saved = await this.#options.journal.readOracle();
    if (saved === null) return;
    checkSame(saved, this.#log());
    this.#state = saved.state;
    this.#since = saved.startedAt;
    for (const log of await this.#options.journal.readTrials()) this.#logs.set(log.id, log);
  }

  async #loop(): Promise<SearchResult['stopped']> {
    await this.#save();
    for (;;) {
      const stopped = this.#stopped();
      if (stopped !== null) return stopped;
      const left = runningTrials(this.#state)[0];
      if (left !== undefined) {
        await this.#runTrial(left);
        continue;
      }
      const decision = this.#oracle.next(this.#state);
      if (decision.kind === 'wait') throw new Error('The oracle waits although no trial is running.');
      this.#state = decision.state;
      if (decision.kind === 'stop') {
        await this.#save();
        return decision.reason;
      }
      await this.#begin(trialById(this.#state, decision.trialId));
    }
  }

  /** Trial before oracle: killed between the two, the oracle proposes the same trial again. */
  async #begin(trial: OracleTrial): Promise<void> {
    const { id, values } = trial;
    const before = this.#logs.get(id);
    const fresh = { id, values, bestStep: 0, executions: [], seconds: 0, tuner: tunerValues(trial) };
    await this.#write({ ...fresh, ...before, status: 'RUNNING', score: before?.score ?? null, message: null });
    await this.#save();
  }

  async #runTrial(trial: OracleTrial): Promise<void> {
    const log = this.#logs.get(trial.id);
    if (log === undefined) return this.#begin(trial);
    this.#progress({ kind: 'trial-start', trial: log, epochs: trial.epochs, number: this.#number(trial.id) });
    const ended = log.status === 'FAILED' ? log : await this.#trained(trial, log);
    if (ended === null) return;
    await this.#write(ended);
    this.#state = this.#oracle.report(this.#state, trial.id, resultOf(ended));
    await this.#save();
    this.#progress({ kind: 'trial-end', trial: ended, best: this.#best() });
    this.#countFailure(ended);
  }

  /** The log of the ended trial; `null` when the search was interrupted in it. */
  async #trained(trial: OracleTrial, log: TrialLog): Promise<TrialLog | null> {
    try {
      const ran = await runExecutions(this.#runnerOptions(), trial, log);
      this.#logs.set(trial.id, ran);
      if (this.#ending.signal.aborted && !this.#complete(trial, ran)) return null;
      const scored = scoreOf(ran.executions, this.#options.objective);
      if (scored !== null) return { ...ran, ...scored, status: 'COMPLETED' };
      return { ...ran, status: 'FAILED', message: `No epoch reported ${this.#options.objective.name}.` };
    } catch (error) {
      if (this.#ending.signal.aborted) return null;
      const current = this.#logs.get(trial.id) ?? log;
      const message = error instanceof Error ? error.message : String(error);
      this.#lastError = error;
      return { ...current, status: 'FAILED', score: null, message };
    }
  }

  #lastError: unknown;

  #complete(trial: OracleTrial, { executions }: TrialLog): boolean {
    const done = executions.filter(
      ({ epochs, stoppedEarly }) => stoppedEarly || (epochs.at(-1)?.epoch ?? -1) + 1 >= trial.epochs,
    );
    return done.length >= this.#executionsPerTrial();
  }

  #runnerOptions() {
    const { runTrial, journal, space, objective, earlyStopping } = this.#options;
    return {
      runTrial,
      journal,
      space,
      objective,
      executionsPerTrial: this.#executionsPerTrial(),
      earlyStopping: earlyStopping ?? null,
      signal: this.#ending.signal,
      seconds: () => this.#clock.now() / 1000,
      parentOf: (id: string) => this.#logs.get(id),
      onEpoch: (trial: TrialLog, execution: number, epoch: EpochLog) => {
        this.#logs.set(trial.id, trial);
        this.#epochs++;
        this.#progress({ kind: 'epoch', trial, execution, epoch });
        const { budgetSeconds = Infinity } = this.#options;
        if ((this.#clock.now() - this.#startedAt) / 1000 >= budgetSeconds) this.#ending.abort(this.#budgetOver);
      },
    };
  }

  #countFailure(ended: TrialLog): void {
    this.#failures = ended.status === 'FAILED' ? this.#failures + 1 : 0;
    const limit = this.#options.maxConsecutiveFailures ?? 3;
    if (this.#failures < limit) return;
    throw new UserError(
      `The search must have a trial that works, but ${this.#failures} in a row failed, the last with: ` +
        `${ended.message ?? 'no message'} Correct the cause and start the search again; it goes on from here.`,
      { cause: this.#lastError },
    );
  }

  #stopped(): 'budget' | 'aborted' | null {
    if (!this.#ending.signal.aborted) return null;
    return this.#ending.signal.reason === this.#budgetOver ? 'budget' : 'aborted';
  }

  #best(): TrialLog | null {
    const { direction } = this.#options.objective;
    let best: TrialLog | null = null;
    for (const log of this.#ordered()) {
      if (log.status !== 'COMPLETED' || log.score === null) continue;
      if (best?.score == null || isBetter(log.score, best.score, direction)) best = log;
    }
    return best;
  }

  #result(stopped: SearchResult['stopped']): SearchResult {
    return { stopped, trials: this.#ordered(), best: this.#best(), epochs: this.#epochs };
  }

  #ordered(): TrialLog[] {
    return this.#state.trials.flatMap(({ id }) => this.#logs.get(id) ?? []);
  }

  #number(id: string): number {
    return this.#state.trials.findIndex((trial) => trial.id === id) + 1;
  }

  #executionsPerTrial(): number {
    return this.#options.executionsPerTrial ?? 1;
  }

  #log(): OracleLog {
    const { oracle: choice, objective } = this.#options;
    const executionsPerTrial = this.#executionsPerTrial();
    return {
      choice,
      settings: this.#settings,
      objective,
      executionsPerTrial,
      state: this.#state,
      startedAt: this.#since,
    };
  }

  async #save(): Promise<void> {
    await this.#options.journal.writeOracle(this.#log(), this.#ordered());
  }

  async #write(log: TrialLog): Promise<void> {
    this.#logs.set(log.id, log);
    await this.#options.journal.writeTrial(log, this.#options.space, this.#options.objective);
  }

  #progress(progress: SearchProgress): void {
    this.#options.onProgress?.(progress);
  }
}

function resultOf({ status, score }: TrialLog): TrialResult {
  return status === 'COMPLETED' && score !== null ? { status, score } : { status: 'FAILED' };
}

/** Throws `ConfigurationError` naming the first setting that makes it another search. */
function checkSame(saved: OracleLog, asked: OracleLog): void {
  const before = identity(saved);
  const differing = Object.entries(identity(asked)).find(([key, value]) => !isDeepStrictEqual(before[key], value));
  if (differing === undefined) return;
  const [key, value] = differing;
  throw new ConfigurationError(
    `The search in this directory must have the ${key} with which it began, ${JSON.stringify(before[key])}, ` +
      `got ${JSON.stringify(value)}; choose another directory for a new search.`,
  );
}

function identity({ choice, settings, objective, executionsPerTrial }: OracleLog): Record<string, unknown> {
  return {
    algorithm: Object.fromEntries(Object.entries(choice).filter(([key]) => !variable.has(key))),
    space: settings.space,
    seed: settings.seed,
    epochs: settings.epochs,
    objective,
    'executions per trial': executionsPerTrial,
  };
}
