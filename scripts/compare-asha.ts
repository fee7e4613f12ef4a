/**
 * How often `asha` finds the learning rate that the exhaustive search finds, on the photographs beside the checkout:
 *
 *   npx tsx scripts/compare-asha.ts head|adapter [--photographs 400] [--seeds 5] [--cache DIR]
 *
 * Both searches have the four rates and five epochs of `tune`. Training repeats bit for bit and goes on from a
 * checkpoint as if it had not stopped, so epochs that the exhaustive search trained are not trained again for asha.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { adapterTrial, headTrial } from '../src/commands/tune/trials.ts';
import { cacheDirectory } from '../src/config/cache-directory.ts';
import { onnxruntimeEngine } from '../src/engine/onnxruntime/engine.ts';
import { headMaterial } from '../src/learning/head/train-head.ts';
import { adapterMaterial } from '../src/learning/tuning/adapter-material.ts';
import { loadBundle } from '../src/model/bundle.ts';
import { openJournal } from '../src/search/journal.ts';
import { search } from '../src/search/search.ts';
import { choice } from '../src/search/space.ts';
import type { Objective } from '../src/search/trial-log.ts';
import type { EpochReport, RunTrial } from '../src/search/trial-runner.ts';
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';
import { batch, rates } from './reproduce/setting.ts';
import { somePhotographs } from './reproduce/some-photographs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photographs: { type: 'string', default: '400' },
    seeds: { type: 'string', default: '5' },
    cache: { type: 'string', default: join(cacheDirectory(), 'features') },
  },
});
const [target] = positionals;
const photographs = Number(values.photographs);
const train = resolve(import.meta.dirname, '../../shared/data/cats-dogs/train');
const objectives: readonly Objective[] = [
  { name: 'val_accuracy', direction: 'max' },
  { name: 'val_loss', direction: 'min' },
];

const work = await mkdtemp(join(tmpdir(), 'edge-cls-asha-'));
await using engine = await onnxruntimeEngine({ device: 'cpu' });
const ffmpeg = await findFfmpeg();
try {
  const folder = somePhotographs(train, join(work, 'photographs'), photographs / 2);
  console.log('| objective | seed | exhaustive | its score | asha | its score | its epochs |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    if (target === 'head') await compareHeads(folder, seed);
    else if (target === 'adapter') await compareAdapters(folder, seed);
    else throw new Error(`the target must be head or adapter, it was ${target ?? 'none'}`);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

async function compareHeads(folder: string, seed: number): Promise<void> {
  const bundle = await loadBundle('efficientnet-lite0-imagenet');
  const material = await headMaterial({
    ...{ folder, bundle, engine, ffmpeg, seed, head: 'gap', validationShare: 0.2, cacheDirectory: values.cache },
  });
  await compare(headTrial(material, batch), seed);
}

/** As the paper starts, from random weights: where the front end starts in closed form there is little to learn. */
async function compareAdapters(folder: string, seed: number): Promise<void> {
  await using material = await adapterMaterial({
    ...{ folder, engine, ffmpeg, seed, mode: 'staged', start: 'random', validationShare: 0.2, limit: photographs },
    ...{ bundle: await loadBundle('inception-v3-cats-dogs'), resolution: { width: 300, height: 300 } },
  });
  await compare(adapterTrial(material, batch), seed);
}

async function compare(runTrial: RunTrial, seed: number): Promise<void> {
  const remembered = remembering(runTrial);
  for (const objective of objectives) {
    const [all, asha] = [await run('random'), await run('asha')];
    const figures = [all, asha].flatMap(({ best }) => [best?.values['learning_rate'], best?.score?.toFixed(4)]);
    console.log(`| ${[objective.name, seed, ...figures, asha.epochs].join(' | ')} |`);

    async function run(algorithm: 'random' | 'asha') {
      return await search({
        ...{ oracle: { algorithm }, space: [choice('learning_rate', rates)], objective, runTrial: remembered, seed },
        ...{ journal: openJournal(join(work, `${algorithm}-${objective.name}-${seed}`)), epochs: 5, maxTrials: null },
      });
    }
  }
}

/** Reports epochs that were trained before from memory. */
function remembering(runTrial: RunTrial): RunTrial {
  const known = new Map<unknown, EpochReport[]>();
  return async (trial, context) => {
    const reports = known.get(trial.values['learning_rate']) ?? [];
    known.set(trial.values['learning_rate'], reports);
    const onEpoch = async (report: EpochReport) => {
      reports[report.epoch] = report;
      return await context.onEpoch(report);
    };
    let { checkpoint, initialEpoch } = context;
    for (; initialEpoch < context.epochs; initialEpoch++) {
      const report = reports[initialEpoch];
      if (report === undefined) break;
      if ((await context.onEpoch(report)) === 'stop') return;
      checkpoint = report.checkpoint ?? null;
    }
    if (initialEpoch < context.epochs) await runTrial(trial, { ...context, checkpoint, initialEpoch, onEpoch });
  };
}
