import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Algorithm } from '../../src/search/oracle.ts';
import { fromPythonJson } from '../../src/search/python-text.ts';
import { search, type SearchOptions, type SearchResult } from '../../src/search/search.ts';
import type { RunTrial } from '../../src/search/trial-runner.ts';
import { choice, float } from '../../src/search/space.ts';
import { newDirectory } from './directory.ts';
import { boolean, fixed, int } from './support.ts';
import { madeUpTraining, searchOptions } from './training.ts';

/** A Python that has keras_tuner: `EDGE_CLS_KERAS_TUNER_PYTHON`, the cache's, or the system's. */
function findPython(): string | null {
  const cached = join(homedir(), '.cache/edge-cls/keras-tuner/bin/python');
  const candidates = [process.env['EDGE_CLS_KERAS_TUNER_PYTHON'], existsSync(cached) ? cached : undefined, 'python3'];
  const has = (python: string) => spawnSync(python, ['-c', finding]).status === 0;
  return candidates.find((python) => python !== undefined && has(python)) ?? null;
}

/** Quicker than importing it, which takes seconds. */
const finding = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("keras_tuner") is None)';

const env = { ...process.env, KERAS_BACKEND: process.env['KERAS_BACKEND'] ?? 'jax', TF_CPP_MIN_LOG_LEVEL: '3' };
const python = findPython();
const missing =
  python === null ? ' (skipped: no Python with keras_tuner, see test/fixtures/make-keras-tuner-fixtures.py)' : '';

/** Loads projects as their tuners would after a restart, prints summaries, asks for another trial. */
const script = `
import json, sys
import keras_tuner
objective = keras_tuner.Objective("val_accuracy", "max")
build = lambda hp: None
def values_of(trial):
    metrics = trial.metrics.metrics
    return [[o.step, o.value] for o in metrics["val_accuracy"].get_history()] if "val_accuracy" in metrics else []
for directory, project, algorithm, more in json.loads(sys.argv[1]):
    options = dict(directory=directory, project_name=project)
    if algorithm == "hyperband":
        tuner = keras_tuner.Hyperband(build, objective, max_epochs=5, **options)
    elif algorithm == "bayesian":
        tuner = keras_tuner.BayesianOptimization(build, objective, max_trials=more, **options)
    else:
        tuner = keras_tuner.RandomSearch(build, objective, max_trials=more, **options)
    tuner.results_summary()
    oracle = tuner.oracle
    oracle.verbose = 0
    reading = {
        "best": tuner.get_best_hyperparameters(1)[0].values,
        "history": {id: values_of(trial) for id, trial in oracle.trials.items()},
        "tried": sorted(oracle._tried_so_far),
        "hashes": sorted(oracle._compute_values_hash(t.hyperparameters.values) for t in oracle.trials.values()),
    }
    following = oracle.create_trial("tuner0")
    reading["next"] = {"status": following.status, "values": following.hyperparameters.values, "id": following.trial_id}
    print("JSON " + json.dumps(reading) + "END")
`;

interface Reading {
  readonly best: Record<string, unknown>;
  readonly history: Record<string, [number, number[]][]>;
  readonly tried: string[];
  readonly hashes: string[];
  readonly next: { status: string; values: Record<string, unknown>; id: string };
}

interface Project {
  readonly directory: string;
  readonly algorithm: Algorithm;
  readonly maxTrials: number;
}

/** One start of Python for all projects. */
function readByKerasTuner(projects: readonly Project[]): { text: string; reading: Reading }[] {
  const requests = projects.map((p) => [dirname(p.directory), basename(p.directory), p.algorithm, p.maxTrials]);
  const args = ['-W', 'ignore', '-c', script, JSON.stringify(requests)];
  const { status, stdout, stderr } = spawnSync(python ?? '', args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .split('END\n')
    .slice(0, -1)
    .map((part) => {
      const [text = '', json = ''] = part.split('JSON ');
      return { text, reading: fromPythonJson(json) as Reading };
    });
}

const algorithms = ['random', 'hyperband', 'bayesian', 'asha'] as const;

const everyKind = [
  float('learning_rate', 1, 8, { step: 1 }),
  choice('scale', [1, 2.5]),
  choice('kernel', ['rbf', 'linear']),
  int('units', 16, 96, { step: 16 }),
  boolean('augment'),
  fixed('decay', 0.5),
];

describe.skipIf(python === null)(`the real keras_tuner, reading our journal${missing}`, () => {
  const results = new Map<string, SearchResult>();
  const read = new Map<string, ReturnType<typeof readByKerasTuner>[number]>();
  const goOn = searchOptions(newDirectory(), { oracle: { algorithm: 'random' }, space: everyKind, maxTrials: 5 });
  const directories = new Map<string, string>();

  beforeAll(async () => {
    const projects = new Map<string, Project>();
    const prepare = async (name: string, algorithm: Algorithm, kerasTrials: number, over: Partial<SearchOptions>) => {
      const directory = newDirectory();
      directories.set(name, directory);
      results.set(name, await search(searchOptions(directory, { oracle: { algorithm }, ...over })));
      projects.set(name, { directory, algorithm, maxTrials: kerasTrials });
    };
    for (const algorithm of algorithms) {
      const maxTrials = algorithm === 'hyperband' ? null : 4;
      await prepare(algorithm, algorithm, 4, { maxTrials, executionsPerTrial: 2 });
    }
    await prepare('every kind', 'random', 6, { space: everyKind, maxTrials: 5 });
    const ending = new AbortController();
    const training = madeUpTraining(() => {
      if (training.trained.length === 7) ending.abort();
    });
    await prepare('stopped', 'random', 4, { runTrial: training.runTrial, signal: ending.signal });
    await prepare('failed', 'random', 2, { maxTrials: 2, runTrial: failingFirst });
    const names = [...projects.keys()];
    readByKerasTuner([...projects.values()]).forEach((result, index) => read.set(names[index]!, result));
  }, 300_000);

  it.each(algorithms)('should load it and print its summary: %s', (algorithm) => {
    const { best, trials } = results.get(algorithm)!;
    const { text, reading } = read.get(algorithm)!;
    expect(text).toContain(`Results in ${directories.get(algorithm)!}`);
    expect(text).toContain('Showing 10 best trials');
    expect(text).toContain('Objective(name="val_accuracy", direction="max")');
    expect(text).toContain(`Trial ${best?.id ?? ''} summary\nHyperparameters:\nlearning_rate: 0.0001`);
    expect(text).toContain(`Score: ${String(best?.score)}`);
    expect(text.match(/Trial \d+ summary/g)?.length).toBe(Math.min(10, trials.length));
    expect(reading.best['learning_rate']).toBe(1e-4);
    for (const { id, executions } of trials) {
      const epochs = executions[0]!.epochs.map(({ epoch }, index) => [
        epoch,
        executions.map((execution) => execution.epochs[index]!.metrics['val_accuracy']),
      ]);
      expect(reading.history[id]).toEqual(epochs);
    }
    expect(reading.tried).toEqual(reading.hashes);
    expect(reading.next.status).toBe('STOPPED');
  });

  it('should go on with our search where we would have, in a space of every kind', async () => {
    const { reading } = read.get('every kind')!;
    expect(reading.tried).toEqual(reading.hashes);
    const ours = await search({ ...goOn, maxTrials: 6 });
    expect(reading.next).toEqual({ status: 'RUNNING', values: ours.trials[5]?.values, id: '5' });
  });

  it('should take up a trial that was running when we were stopped', () => {
    const { next } = read.get('stopped')!.reading;
    expect([next.id, next.status]).toEqual(['1', 'RUNNING']);
  });

  it('should load failed trials, with their messages', () => {
    const { text, reading } = read.get('failed')!;
    expect(text).toContain('must report val_accuracy as a finite number after epoch 0, got NaN');
    expect(reading.history['0']).toEqual([[0, [NaN]]]);
  });
});

const failingFirst: RunTrial = async ({ id }, { onEpoch }) => {
  await onEpoch({ epoch: 0, metrics: { val_accuracy: id === '0' ? NaN : 0.5 } });
};
