import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../../../src/commands/progress-line.ts';
import { plannedEpochs, searchProgress, trialTable } from '../../../src/commands/tune/search-progress.ts';
import type { EpochLog, TrialLog } from '../../../src/search/trial-log.ts';

const objective = { name: 'val_accuracy', direction: 'max' } as const;
const epoch: EpochLog = { epoch: 0, metrics: { val_accuracy: 0.5 }, checkpoint: null };
const trial: TrialLog = {
  ...{ id: '0', values: { learning_rate: 0.001 }, status: 'COMPLETED', score: 0.9, bestStep: 0, message: null },
  ...{ executions: [{ epochs: [epoch, epoch], stoppedEarly: false }], seconds: 62, tuner: {} },
};

describe('plannedEpochs', () => {
  it('should be 9 for four trials under asha, and trials times epochs for the others', () => {
    const planned = { trials: 4, epochs: 5, executions: 1 };
    expect(plannedEpochs({ ...planned, algorithm: 'asha' })).toBe(9);
    expect(plannedEpochs({ ...planned, algorithm: 'random', executions: 2 })).toBe(40);
    expect(plannedEpochs({ ...planned, algorithm: 'hyperband' })).toBeNull();
  });
});

describe('searchProgress', () => {
  it('should say where the search is, what is left and the best so far', () => {
    const written: string[] = [];
    let now = 0;
    const clock = { now: () => now };
    const line = new ProgressLine({ write: (text) => written.push(text), isTTY: true, columns: 200 }, clock);
    const tell = searchProgress(line, { algorithm: 'random', trials: 2, epochs: 2, executions: 1 }, objective, clock);
    tell({ kind: 'trial-start', trial, epochs: 2, number: 1 });
    now = 10_000;
    tell({ kind: 'epoch', trial, execution: 0, epoch });
    expect(written.at(-1)).toContain('trial 0 (learning_rate 0.001): epoch 1, val_accuracy 0.5000, about 30 s left');
    tell({ kind: 'trial-end', trial, best: trial });
    expect(written.at(-1)).toBe(
      'trial 0 (learning_rate 0.001): val_accuracy 0.9000; best so far 0.9000 (learning_rate 0.001)\n',
    );
    now = 20_000;
    tell({ kind: 'epoch', trial: { ...trial, id: '1' }, execution: 0, epoch });
    expect(written.at(-1)).toContain('best so far 0.9000, about 20 s left');
  });
});

describe('trialTable', () => {
  it('should have a line for each trial', () => {
    const failed: TrialLog = { ...trial, id: '1', status: 'FAILED', score: null, executions: [], seconds: 0 };
    expect(trialTable([trial, failed], objective)).toEqual([
      'trial  epochs  time        val_accuracy  status     values',
      '0      2       1 min 02 s  0.9000        completed  learning_rate 0.001',
      '1      0       0 s         -             failed     learning_rate 0.001',
    ]);
  });
});
