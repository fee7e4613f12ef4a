/** The front end at 300×300: none, the paper's training, the closed form, and fitted from there. */
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { adapterTrial } from '../../src/commands/tune/trials.ts';
import { wilson } from '../../src/learning/evaluation/intervals.ts';
import type { FitState } from '../../src/learning/fit/fit.ts';
import { scores } from '../../src/learning/head/classification.ts';
import { decodePhotographs } from '../../src/learning/head/decode-photographs.ts';
import { readPhotographs } from '../../src/learning/head/photographs.ts';
import { Observer } from '../../src/learning/statistics/observe.ts';
import { adapterMaterial, type AdapterMaterial, type Start } from '../../src/learning/tuning/adapter-material.ts';
import type { AdapterWeights } from '../../src/model/adapter.ts';
import { ClassifierSession } from '../../src/model/classifier-session.ts';
import type { SearchResult } from '../../src/search/search.ts';
import { bestCheckpoint, runSearch, type RanSearch } from './run-search.ts';
import { batch, type Setting } from './setting.ts';
import { somePhotographs } from './some-photographs.ts';

export interface Measured {
  readonly frames: number;
  readonly accuracy: { readonly value: number; readonly low: number; readonly high: number };
  readonly loss: number;
}

export interface FrontEnds {
  /** Photographs area-resized straight to 150×150, without a front end. */
  readonly classic: Measured;
  /** From random weights, with labels: all learning rates for all epochs. */
  readonly paper: SearchResult;
  readonly paperMeasured: Measured;
  readonly closedForm: Measured;
  readonly fitted: SearchResult;
  readonly fittedMeasured: Measured;
}

const resolution = { width: 300, height: 300 };

export async function frontEnds(setting: Setting): Promise<FrontEnds> {
  const test = somePhotographs(join(setting.data, 'test'), join(setting.work, 'test'), setting.testFrames / 2);
  const classic = await measuredWithout(setting, test);
  const paper = await searched(setting, 'random', 'random');
  const fitted = await searched(setting, 'closed-form', 'asha');
  await using material = await materialOf(setting, test, 'closed-form', setting.testFrames);
  const measured = async (weights: AdapterWeights) => measuredWith(material, weights);
  return {
    classic,
    paper: paper.result,
    paperMeasured: await measured(await weightsOf(paper)),
    closedForm: await measured(material.start(setting.seed)),
    fitted: fitted.result,
    fittedMeasured: await measured(await weightsOf(fitted)),
  };
}

async function searched(setting: Setting, start: Start, algorithm: 'random' | 'asha'): Promise<RanSearch> {
  setting.say(`front ends at 300×300 that start ${start}`);
  const train = join(setting.data, 'train');
  await using material = await materialOf(setting, train, start, setting.fitFrames);
  return await runSearch(setting, `front-end-${start}`, algorithm, adapterTrial(material, batch));
}

function materialOf(
  { bundle, engine, ffmpeg, seed }: Setting,
  folder: string,
  start: Start,
  limit: number,
): Promise<AdapterMaterial> {
  const mode = 'staged';
  return adapterMaterial({
    ...{ folder, bundle, engine, ffmpeg, seed, resolution, mode, start, limit, validationShare: 0.2 },
  });
}

async function weightsOf(ran: RanSearch): Promise<AdapterWeights> {
  return (deserialize(await bestCheckpoint(ran)) as FitState).weights;
}

async function measuredWith(
  { classifier, frames, labels, geometry, options: { bundle, engine } }: AdapterMaterial,
  weights: AdapterWeights,
): Promise<Measured> {
  const { card } = bundle;
  await using observer = await Observer.load(engine, { classifier, card, geometry, batch: 16, logits: true });
  const { logits } = await observer.observe(frames, [...labels.keys()], weights);
  return measuredOf(logits, [...labels]);
}

/** The bundle's labels are cat and dog, and the folders' cats and dogs: in the same order. */
async function measuredWithout({ bundle, engine, ffmpeg }: Setting, test: string): Promise<Measured> {
  const { photographs } = await readPhotographs(test);
  const labelOf = new Map(photographs.map(({ path, label }) => [path, label]));
  const { input, output } = bundle.card;
  await using session = await ClassifierSession.load(engine, {
    ...{ modelPath: bundle.modelPath, inputName: input.name, outputName: output.name, input },
  });
  const logits: Float32Array[] = [];
  const labels: number[] = [];
  await decodePhotographs([...labelOf.keys()], bundle.card, {
    ffmpeg,
    onUnreadable: () => undefined,
    onPhotograph: async ({ path, image }) => {
      logits.push(...(await session.classify([image])).logits);
      labels.push(labelOf.get(path) ?? -1);
    },
  });
  return measuredOf(logits, labels);
}

function measuredOf(logits: readonly Float32Array[], labels: readonly number[]): Measured {
  const { accuracy, loss } = scores(logits, labels);
  return { frames: labels.length, accuracy: wilson(Math.round(accuracy * labels.length), labels.length), loss };
}
