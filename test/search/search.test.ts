import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, UserError } from '../../src/domain/errors.ts';
import type { OracleChoice } from '../../src/search/create-oracle.ts';
import { openJournal, type Journal } from '../../src/search/journal.ts';
import { search, type SearchProgress, type SearchResult } from '../../src/search/search.ts';
import { newDirectory } from './directory.ts';
import { madeUpTraining, manualClock, searchOptions } from './training.ts';

const algorithms: OracleChoice[] = [
  { algorithm: 'random' },
  { algorithm: 'hyperband' },
  { algorithm: 'bayesian' },
  { algorithm: 'asha' },
];

function outcome({ trials, best, stopped }: SearchResult) {
  return { stopped, best: best?.id, trials: trials.map((trial) => ({ ...trial, seconds: 0 })) };
}

class Killed extends Error {}

/** A journal whose process dies at the n-th write: it and all later ones do not happen. */
function killedAt(journal: Journal, last: number): Journal {
  let writes = 0;
  const guarded = async (write: () => Promise<void>) => {
    if (++writes > last) throw new Killed();
    await write();
  };
  return {
    ...journal,
    writeOracle: (...args) => guarded(() => journal.writeOracle(...args)),
    writeTrial: (...args) => guarded(() => journal.writeTrial(...args)),
    writeCheckpoint: (...args) => guarded(() => journal.writeCheckpoint(...args)),
    keepCheckpoints: (...args) => guarded(() => journal.keepCheckpoints(...args)),
  };
}

describe('search', () => {
  it.each(algorithms)('should find the best of four learning rates by $algorithm', async (oracle) => {
    const result = await search(
      searchOptions(newDirectory(), { oracle, maxTrials: oracle.algorithm === 'hyperband' ? null : 4 }),
    );
    expect(result.best?.values).toEqual({ learning_rate: 1e-4 });
    expect(result.best?.bestStep).toBe(4);
    expect(result.trials.every(({ status }) => status === 'COMPLETED')).toBe(true);
  });

  it('should train 9 of 20 epochs by asha, each from where the last ended', async () => {
    const { runTrial, trained } = madeUpTraining();
    const directory = newDirectory();
    const result = await search(searchOptions(directory, { runTrial }));
    expect(trained.length).toBe(9);
    expect(result.epochs).toBe(9);
    expect(new Set(trained).size).toBe(9);
    expect(result.best?.executions[0]?.epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4]);
  });

  it.each(algorithms.flatMap((oracle) => [1, 2].map((executionsPerTrial) => ({ ...oracle, executionsPerTrial }))))(
    'should resume after a kill at any write: $algorithm, $executionsPerTrial executions (#439, #702)',
    async ({ executionsPerTrial, ...oracle }) => {
      const over = {
        oracle,
        executionsPerTrial,
        maxTrials: oracle.algorithm === 'hyperband' ? null : 4,
        epochs: 3,
        earlyStopping: { patience: 1, minDelta: 0.12 },
      };
      const whole = madeUpTraining();
      const expected = outcome(await search(searchOptions(newDirectory(), { ...over, runTrial: whole.runTrial })));
      for (let writes = 0; ; writes += 2 * executionsPerTrial - 1) {
        const directory = newDirectory();
        const training = madeUpTraining();
        const options = searchOptions(directory, { ...over, runTrial: training.runTrial });
        let finished = true;
        try {
          await search({ ...options, journal: killedAt(options.journal, writes) });
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          finished = false;
        }
        const resumed = await search(options);
        expect(outcome(resumed)).toEqual(expected);
        // At most the epoch that was being written is trained again.
        expect(training.trained.length - whole.trained.length).toBeLessThanOrEqual(1);
        if (finished) break;
      }
    },
    60_000,
  );

  it('should start an execution again that reported no checkpoints', async () => {
    const training = madeUpTraining(undefined, false);
    const directory = newDirectory();
    const over = { oracle: { algorithm: 'random' }, maxTrials: 1, runTrial: training.runTrial } as const;
    const options = searchOptions(directory, over);
    await expect(search({ ...options, journal: killedAt(options.journal, 6) })).rejects.toThrow(Killed);
    const result = await search(options);
    expect(result.trials[0]?.executions[0]?.epochs.length).toBe(5);
    expect(training.trained.slice(-5).map((text) => text.split('/')[2])).toEqual(['0', '1', '2', '3', '4']);
  });

  it('should keep the checkpoints of the last and the best epoch only (#425)', async () => {
    const directory = newDirectory();
    let epochs = 0;
    const runTrial = madeUpTraining().runTrial;
    await search(
      searchOptions(directory, { runTrial, onProgress: ({ kind }) => (epochs += Number(kind === 'epoch')) }),
    );
    expect(epochs).toBe(9);
    const kept = readdirSync(directory)
      .filter((name) => name.startsWith('trial_'))
      .map((name) => readdirSync(join(directory, name)).filter((file) => file.endsWith('.checkpoint')).length);
    expect(kept).toEqual([1, 1, 1, 1]);
  });

  it('should stop at the budget within an epoch and go on later', async () => {
    const clock = manualClock();
    const training = madeUpTraining(() => clock.advance(60));
    const options = searchOptions(newDirectory(), { clock, runTrial: training.runTrial, budgetSeconds: 180 });
    const first = await search(options);
    expect([first.stopped, first.epochs]).toEqual(['budget', 3]);
    const second = await search({ ...options, budgetSeconds: 3600 });
    expect([second.stopped, second.epochs]).toEqual(['max trials', 6]);
    expect(second.best?.seconds).toBe(300);
  });

  it('should end when aborted, with the trial left to be resumed', async () => {
    const ending = new AbortController();
    const training = madeUpTraining(() => {
      if (training.trained.length === 2) ending.abort();
    });
    const options = searchOptions(newDirectory(), { oracle: { algorithm: 'random' }, runTrial: training.runTrial });
    const first = await search({ ...options, signal: ending.signal });
    expect([first.stopped, first.trials[0]?.status]).toEqual(['aborted', 'RUNNING']);
    const second = await search(options);
    expect(second.epochs).toBe(18);
    expect(new Set(training.trained).size).toBe(20);
  });

  it('should average the best epoch of each execution, and its step', async () => {
    const curves = [
      [0.1, 0.9, 0.3],
      [0.5, 0.4, 0.7],
    ];
    const result = await search(
      searchOptions(newDirectory(), {
        oracle: { algorithm: 'random' },
        maxTrials: 1,
        epochs: 3,
        executionsPerTrial: 2,
        runTrial: async (_trial, { execution, onEpoch }) => {
          for (const [epoch, val_accuracy] of curves[execution]!.entries())
            await onEpoch({ epoch, metrics: { val_accuracy } });
        },
      }),
    );
    expect(result.best?.score).toBeCloseTo(0.8, 12);
    expect(result.best?.bestStep).toBe(1);
  });

  it('should carry a Hyperband promotion on from its parent', async () => {
    const training = madeUpTraining();
    const options = searchOptions(newDirectory(), {
      oracle: { algorithm: 'hyperband' },
      maxTrials: null,
      runTrial: training.runTrial,
    });
    const { trials, best } = await search(options);
    expect(trials.length).toBeGreaterThan(4);
    const parent = trials.find(({ id }) => id === best?.tuner['tuner/trial_id']);
    expect(parent?.values).toEqual(best?.values);
    expect(best?.executions[0]?.epochs.map(({ epoch }) => epoch)).toEqual([2, 3, 4]);
    expect(best?.score).toBeCloseTo(0.92 * (1 - 0.5 ** 5), 12);
  });

  it('should fail a trial and go on, and give up after three in a row', async () => {
    const failing = (broken: (rate: unknown) => boolean) => {
      const { runTrial } = madeUpTraining();
      return searchOptions(newDirectory(), {
        oracle: { algorithm: 'random' },
        runTrial: async (trial, context) => {
          if (broken(trial.values['learning_rate'])) throw new Error('out of memory');
          await runTrial(trial, context);
        },
      });
    };
    const one = await search(failing((rate) => rate === 1e-3));
    expect(one.trials.map(({ status }) => status).toSorted()).toEqual([
      'COMPLETED',
      'COMPLETED',
      'COMPLETED',
      'FAILED',
    ]);
    expect(one.trials.find(({ status }) => status === 'FAILED')?.message).toBe('out of memory');
    await expect(search(failing(() => true))).rejects.toThrow(UserError);
    await expect(search(failing(() => true))).rejects.toThrow('3 in a row failed, the last with: out of memory');
  });

  it.each([NaN, Infinity, undefined])('should fail a trial whose objective is %s', async (value) => {
    const metrics: Record<string, number> = value === undefined ? { loss: 1 } : { val_accuracy: value };
    const directory = newDirectory();
    const options = searchOptions(directory, {
      oracle: { algorithm: 'random' },
      maxTrials: 1,
      runTrial: async (_trial, { onEpoch }) => {
        await onEpoch({ epoch: 0, metrics });
      },
    });
    const { trials, best } = await search(options);
    expect([trials[0]?.status, best]).toEqual(['FAILED', null]);
    expect(trials[0]?.message).toMatch(/must report val_accuracy as a finite number after epoch 0, got/);
    expect((await search(options)).trials).toEqual(trials);
  });

  it('should count training that ends by itself as done (#439)', async () => {
    let runs = 0;
    const options = searchOptions(newDirectory(), {
      oracle: { algorithm: 'random' },
      maxTrials: 2,
      runTrial: async (_trial, { onEpoch }) => {
        runs++;
        await onEpoch({ epoch: 0, metrics: { val_accuracy: 0.5 } });
      },
    });
    await search(options);
    await search(options);
    expect(runs).toBe(2);
  });

  it('should refuse an epoch out of turn', async () => {
    const options = searchOptions(newDirectory(), {
      oracle: { algorithm: 'random' },
      maxTrials: 1,
      runTrial: async (_trial, { onEpoch }) => {
        await onEpoch({ epoch: 3, metrics: { val_accuracy: 1 } });
      },
    });
    expect((await search(options)).trials[0]?.message).toBe('Epoch 3 of trial 0 was reported where 0 was due.');
  });

  it('should refuse to go on with another search, and take what may change', async () => {
    const directory = newDirectory();
    await search(searchOptions(directory, { oracle: { algorithm: 'random' }, maxTrials: 2 }));
    const other = search(searchOptions(directory, { oracle: { algorithm: 'random' }, seed: 7 }));
    await expect(other).rejects.toThrow(ConfigurationError);
    await expect(other).rejects.toThrow('must have the seed with which it began, 42, got 7');
    const more = await search(searchOptions(directory, { oracle: { algorithm: 'random' }, maxTrials: 4 }));
    expect(more.trials.map(({ id }) => id)).toEqual(['0', '1', '2', '3']);
  });

  it('should say which file is not a journal', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'oracle.json'), '{"seed": 1');
    await expect(search(searchOptions(directory))).rejects.toThrow(/oracle\.json must be JSON/);
    writeFileSync(join(directory, 'oracle.json'), '{"seed": 1}');
    await expect(search(searchOptions(directory))).rejects.toThrow(
      /oracle\.json must have been written by this program/,
    );
  });

  it('should report progress and a table of trials', async () => {
    const directory = newDirectory();
    const seen: SearchProgress['kind'][] = [];
    await search(searchOptions(directory, { onProgress: ({ kind }) => seen.push(kind) }));
    expect(seen.filter((kind) => kind === 'trial-end').length).toBe(7);
    expect(seen.filter((kind) => kind === 'epoch').length).toBe(9);
    const rows = readFileSync(join(directory, 'trials.csv'), 'utf8').trim().split('\r\n');
    expect(rows[0]).toBe('trial,status,score,best_epoch,epochs,seconds,learning_rate,message');
    expect(rows.length).toBe(5);
    expect(existsSync(join(directory, 'tuner0.json'))).toBe(true);
    expect((await openJournal(directory).readTrials()).length).toBe(4);
  });
});
