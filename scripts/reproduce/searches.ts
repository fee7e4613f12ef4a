/** The search for the learning rate of the paper's head, by all algorithms. */
import { join } from 'node:path';
import { headTrial } from '../../src/commands/tune/trials.ts';
import { headMaterial } from '../../src/learning/head/train-head.ts';
import type { SearchResult } from '../../src/search/search.ts';
import { runSearch } from './run-search.ts';
import { batch, type Setting } from './setting.ts';
import { somePhotographs } from './some-photographs.ts';

export interface HeadSearches {
  readonly photographs: number;
  /** Every learning rate for all epochs, in the order of Keras Tuner's RandomSearch. */
  readonly exhaustive: SearchResult;
  readonly others: readonly { readonly algorithm: string; readonly result: SearchResult }[];
}

export async function headSearches(setting: Setting): Promise<HeadSearches> {
  const { data, work, bundle, engine, ffmpeg, seed, say, photographsPerClass } = setting;
  let said = 0;
  const material = await headMaterial({
    folder: somePhotographs(join(data, 'train'), join(work, 'train'), photographsPerClass),
    ...{ bundle, engine, ffmpeg, seed, head: 'paper', validationShare: 0.2 },
    cacheDirectory: join(work, 'features'),
    onFeatures: ({ done, total: of }) => {
      if (done === of || done >= said + 100) say(`features of ${(said = done)} of ${of} photographs`);
    },
  });
  const trial = headTrial(material, batch);
  const exhaustive = await runSearch(setting, 'head-random', 'random', trial);
  const others = [];
  for (const algorithm of ['hyperband', 'bayesian', 'asha'] as const) {
    others.push({ algorithm, result: (await runSearch(setting, `head-${algorithm}`, algorithm, trial)).result });
  }
  return { photographs: material.all.photographs.length, exhaustive: exhaustive.result, others };
}
