/** A search in a process of its own, to be killed: `tsx killed-search.ts DIRECTORY ALGORITHM`. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Algorithm } from '../../src/search/oracle.ts';
import { search } from '../../src/search/search.ts';
import { madeUpTraining, searchOptions } from './training.ts';

const [directory = '', algorithm = 'asha'] = process.argv.slice(2);
const { runTrial, trained } = madeUpTraining(() => {
  appendFileSync(join(directory, 'trained.txt'), `${trained.at(-1) ?? ''}\n`);
  console.log('epoch');
});
const result = await search(
  searchOptions(directory, {
    oracle: { algorithm: algorithm as Algorithm },
    executionsPerTrial: 2,
    runTrial: async (trial, context) => {
      const onEpoch: typeof context.onEpoch = async (report) => {
        await wait(3);
        return context.onEpoch(report);
      };
      await runTrial(trial, { ...context, onEpoch });
    },
  }),
);
const trials = result.trials.map((trial) => ({ ...trial, seconds: 0 }));
console.log(`result ${JSON.stringify({ stopped: result.stopped, trials })}`);
