import type { Clock } from '../../src/domain/clock.ts';
import { openJournal } from '../../src/search/journal.ts';
import type { SearchOptions } from '../../src/search/search.ts';
import type { RunTrial } from '../../src/search/trial-runner.ts';
import { rates } from './support.ts';

/** Time that moves one second per reading of an epoch. */
export function manualClock(): Clock & { advance(seconds: number): void } {
  let now = 0;
  return {
    now: () => now,
    date: () => new Date(Date.UTC(2026, 0, 1) + now),
    advance: (seconds) => (now += seconds * 1000),
  };
}

/** Where accuracy ends for each learning rate; 1e-4 is the best. */
const heights: Record<string, number> = { '0.01': 0.6, '0.001': 0.8, '0.0001': 0.92, '0.00001': 0.7 };

export interface Training {
  readonly runTrial: RunTrial;
  /** `trial/execution/epoch` of each epoch trained, in order. */
  readonly trained: string[];
}

/**
 * A training whose accuracy is made from the state that it carries from epoch to epoch in its
 * checkpoint, so that a wrong resumption gives another figure.
 */
export function madeUpTraining(afterEpoch: () => void = () => undefined, withCheckpoints = true): Training {
  const trained: string[] = [];
  const runTrial: RunTrial = async ({ id, values }, context) => {
    const { initialEpoch, epochs, checkpoint, execution, onEpoch } = context;
    let state = checkpoint === null ? 0 : Number(new TextDecoder().decode(checkpoint));
    const height = heights[String(values['learning_rate'])] ?? 0.5;
    for (let epoch = checkpoint === null ? 0 : initialEpoch; epoch < epochs; epoch++) {
      state += (height - state) * (0.5 + 0.01 * execution);
      trained.push(`${id}/${String(execution)}/${String(epoch)}`);
      afterEpoch();
      const saved = withCheckpoints ? { checkpoint: new TextEncoder().encode(String(state)) } : {};
      const told = await onEpoch({ epoch, metrics: { val_accuracy: state, loss: 1 - state }, ...saved });
      if (told === 'stop') return;
    }
  };
  return { runTrial, trained };
}

export function searchOptions(directory: string, over: Partial<SearchOptions> = {}): SearchOptions {
  return {
    oracle: { algorithm: 'asha' },
    space: [rates],
    objective: { name: 'val_accuracy', direction: 'max' },
    runTrial: madeUpTraining().runTrial,
    journal: openJournal(directory),
    seed: 42,
    maxTrials: 4,
    epochs: 5,
    clock: manualClock(),
    ...over,
  };
}
