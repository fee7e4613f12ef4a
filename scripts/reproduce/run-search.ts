import { join } from 'node:path';
import { openJournal, type Journal } from '../../src/search/journal.ts';
import type { Algorithm } from '../../src/search/oracle.ts';
import { search, type SearchResult } from '../../src/search/search.ts';
import { choice } from '../../src/search/space.ts';
import { bestEpoch, type Objective } from '../../src/search/trial-log.ts';
import type { RunTrial } from '../../src/search/trial-runner.ts';
import { rates, type Setting } from './setting.ts';

export const objective: Objective = { name: 'val_accuracy', direction: 'max' };

export interface RanSearch {
  readonly result: SearchResult;
  readonly journal: Journal;
}

/** A search over the paper's learning rates, in a directory of the work directory. */
export async function runSearch(
  { work, epochs, seed, say }: Setting,
  name: string,
  algorithm: Algorithm,
  runTrial: RunTrial,
): Promise<RanSearch> {
  const journal = openJournal(join(work, name));
  const result = await search({
    ...{ oracle: { algorithm }, space: [choice('learning_rate', rates)], objective, runTrial, journal, seed, epochs },
    maxTrials: null,
    onProgress: (progress) => {
      if (progress.kind !== 'trial-end') return;
      const { values, score } = progress.trial;
      say(`${name}: learning rate ${String(values['learning_rate'])}, ${objective.name} ${score?.toFixed(4) ?? '-'}`);
    },
  });
  return { result, journal };
}

/** The state after the best epoch of the best trial. */
export async function bestCheckpoint({ result: { best }, journal }: RanSearch): Promise<Uint8Array> {
  const [execution] = best?.executions ?? [];
  const epoch = execution && bestEpoch(execution, objective);
  if (best == null || epoch?.checkpoint == null) throw new Error('the search has no trained state');
  return journal.readCheckpoint(best.id, epoch.checkpoint);
}
