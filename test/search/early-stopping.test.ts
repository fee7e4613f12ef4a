import { describe, expect, it } from 'vitest';
import { shouldStop } from '../../src/search/early-stopping.ts';
import { search } from '../../src/search/search.ts';
import type { Direction } from '../../src/search/oracle.ts';
import { trialsCsv } from '../../src/search/trials-csv.ts';
import { newDirectory } from './directory.ts';
import { searchOptions } from './training.ts';

function stops(values: readonly number[], direction: Direction, patience: number, minDelta?: number): boolean {
  const epochs = values.map((value, epoch) => ({ epoch, metrics: { m: value }, checkpoint: null }));
  const options = minDelta === undefined ? { patience } : { patience, minDelta };
  return shouldStop({ epochs, stoppedEarly: false }, { name: 'm', direction }, options);
}

describe('early stopping', () => {
  it.each([
    { values: [0.5], direction: 'max', patience: 1, expected: false },
    { values: [0.5, 0.5], direction: 'max', patience: 1, expected: true },
    { values: [0.5, 0.6, 0.55], direction: 'max', patience: 2, expected: false },
    { values: [0.5, 0.6, 0.55, 0.59], direction: 'max', patience: 2, expected: true },
    { values: [0.5, 0.6, 0.55, 0.61], direction: 'max', patience: 2, expected: false },
    { values: [0.5, 0.4, 0.3], direction: 'min', patience: 1, expected: false },
    { values: [0.5, 0.4, 0.41], direction: 'min', patience: 1, expected: true },
    { values: [0.5, 0.55], direction: 'max', patience: 1, minDelta: 0.1, expected: true },
    { values: [0.5, 0.45], direction: 'min', patience: 1, minDelta: 0.01, expected: false },
  ] as const)(
    'should judge $values ($direction, patience $patience)',
    ({ values, direction, patience, expected, ...rest }) => {
      expect(stops(values, direction, patience, 'minDelta' in rest ? rest.minDelta : undefined)).toBe(expected);
    },
  );

  it('should end an execution, tell the training, and leave the best epoch as score', async () => {
    const curve = [0.5, 0.9, 0.8, 0.7, 0.6, 0.5];
    const told: string[] = [];
    const { best, epochs } = await search(
      searchOptions(newDirectory(), {
        oracle: { algorithm: 'random' },
        maxTrials: 1,
        epochs: curve.length,
        earlyStopping: { patience: 2 },
        runTrial: async (_trial, { onEpoch }) => {
          for (const [epoch, val_accuracy] of curve.entries()) {
            told.push(await onEpoch({ epoch, metrics: { val_accuracy } }));
            if (told.at(-1) === 'stop') return;
          }
        },
      }),
    );
    expect(told).toEqual(['continue', 'continue', 'continue', 'stop']);
    expect([epochs, best?.score, best?.bestStep]).toEqual([4, 0.9, 1]);
  });

  it('should fail a training that goes on after it was told to stop', async () => {
    const { trials } = await search(
      searchOptions(newDirectory(), {
        oracle: { algorithm: 'random' },
        maxTrials: 1,
        earlyStopping: { patience: 1 },
        runTrial: async (_trial, { onEpoch }) => {
          for (let epoch = 0; epoch < 5; epoch++) await onEpoch({ epoch, metrics: { val_accuracy: 0.5 } });
        },
      }),
    );
    expect(trials[0]?.message).toBe('Epoch 2 of trial 0 was reported where none was due.');
  });
});

describe('trialsCsv', () => {
  it('should quote what holds commas, quotes and line ends', () => {
    const trial = {
      id: '0',
      values: { kernel: 'a,b' },
      status: 'FAILED' as const,
      score: null,
      bestStep: 0,
      message: 'said "no"\nand left',
      executions: [],
      seconds: 1.23456,
      tuner: {},
    };
    expect(trialsCsv([trial], [{ kind: 'choice', name: 'kernel', values: ['a,b'] }])).toBe(
      'trial,status,score,best_epoch,epochs,seconds,kernel,message\r\n' +
        '0,FAILED,,,0,1.235,"a,b","said ""no""\nand left"\r\n',
    );
  });
});
