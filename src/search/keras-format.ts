/** The journal's content in Keras Tuner's words (1.4), with ours beside it under `edge_cls`. */
import { z } from 'zod';
import type { OracleChoice } from './create-oracle.ts';
import type { HyperbandState } from './hyperband.ts';
import { runningTrials, type OracleSettings, type OracleState, type OracleTrial } from './oracle.ts';
import { PythonFloat, type PythonJson } from './python-text.ts';
import type { Hyperparameter, Space, Value, Values } from './space.ts';
import type { ExecutionLog, Objective, TrialLog } from './trial-log.ts';
import { isFloat, valuesHash } from './values-hash.ts';

/** Everything that a search needs to go on. */
export interface OracleLog {
  readonly choice: OracleChoice;
  readonly settings: OracleSettings;
  readonly objective: Objective;
  readonly executionsPerTrial: number;
  readonly state: OracleState;
  /** When the search began, ISO 8601. */
  readonly startedAt: string;
}

export function oracleToKeras(log: OracleLog): PythonJson {
  const { choice, settings, state } = log;
  const ids = state.trials.map(({ id }) => id);
  const ended = state.trials.filter(({ status }) => status !== 'RUNNING').map(({ id }) => id);
  const hashes = state.trials.map((trial) => [trial.id, kerasHash(settings.space, trial)] as const);
  return {
    ongoing_trials: Object.fromEntries(runningTrials(state).map(({ id }, index) => [`tuner${index}`, id])),
    hyperparameters: { space: settings.space.map(hyperparameterToKeras), values: {} },
    start_order: ids,
    end_order: ended,
    run_times: Object.fromEntries(ended.map((id) => [id, 1])),
    retry_queue: [],
    seed: settings.seed,
    seed_state: state.seedState,
    tried_so_far: [...new Set(hashes.map(([, hash]) => hash))],
    id_to_hash: Object.fromEntries(hashes),
    display: {
      search_start: log.startedAt.replace('Z', ''),
      trial_start: Object.fromEntries(ids.map((id) => [id, log.startedAt.replace('Z', '')])),
      trial_number: Object.fromEntries(ids.map((id, index) => [id, index + 1])),
    },
    ...algorithmToKeras(choice, settings, state),
    edge_cls: JSON.parse(JSON.stringify(log)) as PythonJson,
  };
}

function algorithmToKeras(
  choice: OracleChoice,
  settings: OracleSettings,
  state: OracleState,
): Record<string, PythonJson> {
  if (choice.algorithm === 'bayesian') {
    const { initialTrials = null, alpha = 1e-4, beta = 2.6 } = choice;
    return { num_initial_points: initialTrials, alpha, beta };
  }
  if (choice.algorithm !== 'hyperband') return {};
  const { brackets, currentBracket, currentIteration } = state as HyperbandState;
  return {
    hyperband_iterations: choice.iterations ?? 1,
    max_epochs: settings.epochs,
    min_epochs: 1,
    factor: choice.factor ?? 3,
    brackets: brackets.map(({ number, rounds }) => ({
      bracket_num: number,
      rounds: rounds.map((slots) => slots.map(({ pastId, id }) => ({ past_id: pastId, id }))),
    })),
    current_bracket: currentBracket,
    current_iteration: currentIteration,
  };
}

/** Keras Tuner's hash of a promoted trial tells it from its parent by `tuner/trial_id`. */
function kerasHash(space: Space, { values, parent }: OracleTrial): string {
  return valuesHash(space, parent === null ? values : { ...values, 'tuner/trial_id': parent });
}

/** The extra values of a Hyperband trial. */
export function tunerValues(trial: OracleTrial): Record<string, number | string> {
  if (trial.stage === undefined) return {};
  return {
    ...(trial.parent === null ? {} : { 'tuner/trial_id': trial.parent }),
    'tuner/epochs': trial.epochs,
    'tuner/initial_epoch': trial.initialEpoch,
    'tuner/bracket': trial.stage.bracket,
    'tuner/round': trial.stage.round,
  };
}

export function trialToKeras(trial: TrialLog, space: Space, objective: Objective): PythonJson {
  return {
    trial_id: trial.id,
    hyperparameters: {
      space: space.map(hyperparameterToKeras),
      values: { ...valuesToKeras(trial.values, space), ...trial.tuner },
    },
    metrics: { metrics: metricsToKeras(trial.executions, objective) },
    score: trial.score === null ? null : new PythonFloat(trial.score),
    best_step: trial.bestStep,
    status: trial.status,
    message: trial.message,
    edge_cls: {
      values: trial.values,
      executions: trial.executions as unknown as PythonJson,
      seconds: trial.seconds,
      tuner: trial.tuner,
    },
  };
}

/** One observation per epoch; its values are those of the executions that reached it. */
function metricsToKeras(executions: readonly ExecutionLog[], objective: Objective): Record<string, PythonJson> {
  const epochs = executions.flatMap((execution) => execution.epochs);
  const names = [...new Set(epochs.flatMap(({ metrics }) => Object.keys(metrics)))];
  const steps = [...new Set(epochs.map(({ epoch }) => epoch))].toSorted((a, b) => a - b);
  const observations = (name: string) =>
    steps.flatMap((step) => {
      const at = epochs.filter(({ epoch, metrics }) => epoch === step && name in metrics);
      return at.length === 0 ? [] : [{ value: at.map(({ metrics }) => new PythonFloat(metrics[name] ?? NaN)), step }];
    });
  return Object.fromEntries(
    names.map((name) => [name, { direction: directionOf(name, objective), observations: observations(name) }]),
  );
}

/** Keras Tuner wants a direction for every metric; for others than the objective it is a label only. */
function directionOf(name: string, objective: Objective): string {
  if (name === objective.name) return objective.direction;
  return /acc|auc|precision|recall|f1|agreement/i.test(name) ? 'max' : 'min';
}

function hyperparameterToKeras(parameter: Hyperparameter): PythonJson {
  const { name } = parameter;
  const number = (value: Value) => valueToKeras(value, isFloat(parameter));
  switch (parameter.kind) {
    case 'choice': {
      const values = parameter.values.map(number);
      const ordered = typeof parameter.values[0] === 'number';
      return keras('Choice', { name, default: values[0] ?? null, conditions: [], values, ordered });
    }
    case 'float':
    case 'int': {
      const { kind, min, max, step, sampling } = parameter;
      const bounds = { min_value: number(min), max_value: number(max), step: step === null ? null : number(step) };
      const initial = kind === 'float' ? number(min) : null;
      return keras(kind === 'float' ? 'Float' : 'Int', { name, default: initial, conditions: [], ...bounds, sampling });
    }
    case 'boolean':
      return keras('Boolean', { name, default: false, conditions: [] });
    case 'fixed':
      return keras('Fixed', { name, conditions: [], value: number(parameter.value) });
  }
}

function keras(className: string, config: Record<string, PythonJson>): PythonJson {
  return { class_name: className, config };
}

function valuesToKeras(values: Values, space: Space): Record<string, PythonJson> {
  const kinds = new Map(space.map((parameter) => [parameter.name, parameter]));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, valueToKeras(value, isFloat(kinds.get(name)))]),
  );
}

function valueToKeras(value: Value, float: boolean): PythonJson {
  return typeof value === 'number' && float ? new PythonFloat(value) : value;
}

const value = z.union([z.number(), z.string(), z.boolean()]);
const status = z.enum(['RUNNING', 'COMPLETED', 'FAILED']);

const trialFile = z.object({
  trial_id: z.string(),
  // Not a number is a score that a failed trial may have; zod's own number refuses it.
  score: z.number().or(z.nan()).nullable(),
  best_step: z.number(),
  status,
  message: z.string().nullable(),
  edge_cls: z.object({
    values: z.record(z.string(), value),
    seconds: z.number(),
    tuner: z.record(z.string(), z.union([z.number(), z.string()])),
    executions: z.array(
      z.object({
        stoppedEarly: z.boolean(),
        epochs: z.array(
          z.object({
            epoch: z.number(),
            metrics: z.record(
              z.string(),
              z.custom<number>((metric) => typeof metric === 'number'),
            ),
            checkpoint: z.string().nullable(),
          }),
        ),
      }),
    ),
  }),
});

/** Throws `ZodError` for anything but what `trialToKeras` writes. */
export function trialFromKeras(content: unknown): TrialLog {
  const { trial_id: id, score, best_step: bestStep, status, message, edge_cls } = trialFile.parse(content);
  return { id, score, bestStep, status, message, ...edge_cls };
}

const oracleFile = z.object({
  edge_cls: z.looseObject({
    choice: z.looseObject({ algorithm: z.enum(['random', 'hyperband', 'bayesian', 'asha']) }),
    settings: z.looseObject({ space: z.array(z.looseObject({ name: z.string() })), seed: z.number() }),
    objective: z.object({ name: z.string(), direction: z.enum(['min', 'max']) }),
    executionsPerTrial: z.number(),
    state: z.looseObject({ seedState: z.number(), trials: z.array(z.looseObject({ id: z.string(), status })) }),
    startedAt: z.string(),
  }),
});

/** Throws `ZodError` for a file that `oracleToKeras` did not write. */
export function oracleFromKeras(content: unknown): OracleLog {
  oracleFile.parse(content);
  // Not zod's copy, which has the keys in another order.
  return (content as { edge_cls: OracleLog }).edge_cls;
}
