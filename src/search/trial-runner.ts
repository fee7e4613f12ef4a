/** Trains one trial: its executions in turn, each resumable after its last checkpoint. */
import { shouldStop, type EarlyStopping } from './early-stopping.ts';
import { checkpointFile, type Journal } from './journal.ts';
import type { OracleTrial } from './oracle.ts';
import type { Space, Values } from './space.ts';
import { bestEpoch, type EpochLog, type ExecutionLog, type Objective, type TrialLog } from './trial-log.ts';

/** What a training reports after each epoch. */
export interface EpochReport {
  /** From 0, without gaps from the initial epoch on. */
  readonly epoch: number;
  /** The objective must be among them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The training's state; without one an interrupted execution starts again from its beginning. */
  readonly checkpoint?: Uint8Array;
}

export interface TrialContext {
  /** Number of the execution, from 0: what to seed the training with. */
  readonly execution: number;
  /** The first epoch to train, from 0. */
  readonly initialEpoch: number;
  /** The epoch to end before: `epochs − initialEpoch` are trained. */
  readonly epochs: number;
  /** What the epoch before `initialEpoch` reported; `null`: start anew. */
  readonly checkpoint: Uint8Array | null;
  /** Aborted when the search is to end at once. */
  readonly signal: AbortSignal;
  /** Resolves once the epoch is on disk; after `stop` no further epoch may be reported. */
  readonly onEpoch: (report: EpochReport) => Promise<'continue' | 'stop'>;
}

/** Trains and resolves when done; a rejection fails the trial. */
export type RunTrial = (
  trial: { readonly id: string; readonly values: Values },
  context: TrialContext,
) => Promise<void>;

export interface TrialRunnerOptions {
  readonly runTrial: RunTrial;
  readonly journal: Journal;
  readonly space: Space;
  readonly objective: Objective;
  readonly executionsPerTrial: number;
  readonly earlyStopping: EarlyStopping | null;
  readonly signal: AbortSignal;
  /** Monotonic seconds. */
  readonly seconds: () => number;
  /** After each epoch is on disk. */
  readonly onEpoch: (trial: TrialLog, execution: number, epoch: EpochLog) => void;
  readonly parentOf: (trialId: string) => TrialLog | undefined;
}

/** The training reported something that cannot be scored. */
export class UnscoredError extends Error {
  override readonly name = 'UnscoredError';
}

/**
 * Runs what is left of a trial and returns its log; epochs on disk are not trained again.
 *
 * Throws what `runTrial` throws, and `UnscoredError` when the objective is missing or not
 * finite. When `signal` is aborted the log so far is returned or thrown over; either way it is
 * on disk.
 */
export async function runExecutions(options: TrialRunnerOptions, trial: OracleTrial, log: TrialLog): Promise<TrialLog> {
  let current = log;
  for (let execution = 0; execution < options.executionsPerTrial; execution++) {
    if (options.signal.aborted) break;
    current = await runExecution(options, trial, current, execution);
  }
  return current;
}

async function runExecution(
  options: TrialRunnerOptions,
  trial: OracleTrial,
  log: TrialLog,
  execution: number,
): Promise<TrialLog> {
  const { runTrial, journal, objective, signal, earlyStopping } = options;
  const before = currentExecution(log, execution);
  if (before.stoppedEarly || (before.epochs.at(-1)?.epoch ?? -1) + 1 >= trial.epochs) return log;
  // Killed after the epoch that was the last, before that was written down.
  if (earlyStopping !== null && shouldStop(before, objective, earlyStopping)) {
    return withExecution(log, execution, { ...before, stoppedEarly: true });
  }
  const start = await startingPoint(options, trial, before, execution);
  let current = withExecution(log, execution, { epochs: start.epochs, stoppedEarly: false });
  let clock = options.seconds();
  let told: 'continue' | 'stop' = 'continue';

  const onEpoch = async ({ epoch, metrics, checkpoint }: EpochReport) => {
    const expected = start.epoch + currentExecution(current, execution).epochs.length - start.epochs.length;
    if (told === 'stop' || epoch !== expected || epoch >= trial.epochs) {
      throw new Error(
        `Epoch ${epoch} of trial ${trial.id} was reported where ${told === 'stop' ? 'none' : expected} was due.`,
      );
    }
    const file = checkpoint === undefined ? null : checkpointFile(execution, epoch);
    if (checkpoint !== undefined && file !== null) await journal.writeCheckpoint(trial.id, file, checkpoint);
    const entry: EpochLog = { epoch, metrics, checkpoint: file };
    const now = options.seconds();
    current = { ...grown(current, execution, entry, objective), seconds: current.seconds + now - clock };
    clock = now;
    await journal.writeTrial(current, options.space, objective);
    await journal.keepCheckpoints(trial.id, checkpoints(current));
    options.onEpoch(current, execution, entry);
    if (!Number.isFinite(metrics[objective.name])) throw unscored(trial, epoch, metrics, objective);
    const enough = earlyStopping !== null && shouldStop(currentExecution(current, execution), objective, earlyStopping);
    told = enough || signal.aborted ? 'stop' : 'continue';
    return told;
  };

  const { id, values } = trial;
  const context = { execution, initialEpoch: start.epoch, epochs: trial.epochs, checkpoint: start.checkpoint, signal };
  await runTrial({ id, values }, { ...context, onEpoch });
  if (signal.aborted) return current;
  const { epochs } = currentExecution(current, execution);
  const stoppedEarly = (epochs.at(-1)?.epoch ?? -1) + 1 < trial.epochs;
  current = withExecution(current, execution, { epochs, stoppedEarly });
  await journal.writeTrial(current, options.space, objective);
  return current;
}

interface StartingPoint {
  readonly epoch: number;
  readonly checkpoint: Uint8Array | null;
  /** Those of this trial that stay valid. */
  readonly epochs: readonly EpochLog[];
}

/** After the last epoch whose checkpoint is kept; else where the parent ended; else at 0. */
async function startingPoint(
  { journal, parentOf }: TrialRunnerOptions,
  trial: OracleTrial,
  { epochs }: ExecutionLog,
  execution: number,
): Promise<StartingPoint> {
  const index = epochs.findLastIndex(({ checkpoint }) => checkpoint !== null);
  const last = epochs[index];
  if (last?.checkpoint != null) {
    const checkpoint = await journal.readCheckpoint(trial.id, last.checkpoint);
    return { epoch: last.epoch + 1, checkpoint, epochs: epochs.slice(0, index + 1) };
  }
  const parent = trial.parent === null ? undefined : parentOf(trial.parent);
  const inherited = parent?.executions[execution]?.epochs.findLast(({ checkpoint }) => checkpoint !== null);
  if (parent === undefined || inherited?.checkpoint == null) return { epoch: 0, checkpoint: null, epochs: [] };
  const checkpoint = await journal.readCheckpoint(parent.id, inherited.checkpoint);
  return { epoch: inherited.epoch + 1, checkpoint, epochs: [] };
}

/** Adds an epoch; of the checkpoints the last and the best epoch's are kept. */
function grown(log: TrialLog, execution: number, entry: EpochLog, objective: Objective): TrialLog {
  const before = currentExecution(log, execution);
  const all = { ...before, epochs: [...before.epochs, entry] };
  const best = bestEpoch(all, objective);
  const last = entry.checkpoint === null ? all.epochs.findLast(({ checkpoint }) => checkpoint !== null) : entry;
  const epochs = all.epochs.map((epoch) => (epoch === best || epoch === last ? epoch : { ...epoch, checkpoint: null }));
  return withExecution(log, execution, { ...all, epochs });
}

function checkpoints({ executions }: TrialLog): string[] {
  return executions.flatMap(({ epochs }) =>
    epochs.flatMap(({ checkpoint }) => (checkpoint === null ? [] : [checkpoint])),
  );
}

function currentExecution(log: TrialLog, execution: number): ExecutionLog {
  return log.executions[execution] ?? { epochs: [], stoppedEarly: false };
}

function withExecution(log: TrialLog, execution: number, changed: ExecutionLog): TrialLog {
  const executions = [...log.executions];
  executions[execution] = changed;
  return { ...log, executions };
}

function unscored(trial: OracleTrial, epoch: number, metrics: EpochReport['metrics'], { name }: Objective): Error {
  const got = name in metrics ? String(metrics[name]) : `only ${Object.keys(metrics).join(', ')}`;
  return new UnscoredError(
    `Trial ${trial.id} must report ${name} as a finite number after epoch ${epoch}, got ${got}.`,
  );
}
