/** Clean frames at the resolutions that cameras have, with no fitting at all; and the paper's way beside it. */
import { seededRandom } from '../../src/learning/random.ts';
import { evaluateCamera } from '../../src/learning/evaluation/evaluate-camera.ts';
import type { Evaluation } from '../../src/learning/evaluation/evaluation.ts';
import { randomStart } from '../../src/learning/fit/random-start.ts';
import { usualSettings } from '../../src/learning/fit/usual-settings.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { fitRow, restored, type FitRow } from './fit-row.ts';
import { judgeAll, type Right } from './judge-row.ts';
import { testSeed, type Workshop } from './workshop.ts';

export const resolutions = ['300x300', '480p', '720p', '1080p', '4k'] as const;

export interface CleanRow {
  readonly geometry: string;
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

export async function cleanRow(workshop: Workshop, resolution: string): Promise<CleanRow | undefined> {
  return workshop.row<CleanRow>(`clean/${resolution}`, async () => {
    const { bundle, ffmpeg, sizes } = workshop;
    const camera = await workshop.camera('test', resolution);
    const { geometry } = camera.choice;
    const startedAt = performance.now();
    const { evaluations } = await evaluateCamera({
      ...{ camera, bundle, ffmpeg, sessions: await workshop.sessions(geometry), limit: sizes.test, seed: testSeed },
      adapters: [{ name: 'closed form', weights: closedForm(geometry, bundle.card.resize.kernel).weights }],
      reference: true,
    });
    const [evaluation] = evaluations;
    if (evaluation === undefined) throw new Error('nothing was evaluated');
    return { geometry: geometryKey(geometry), evaluation, seconds: (performance.now() - startedAt) / 1000 };
  });
}

export interface PaperRow {
  readonly fit: FitRow;
  readonly before: Right | undefined;
  readonly after: Right | undefined;
}

/** Random start, labels only, Adam at 1e-4, the steps of five epochs over all training photographs; no gate. */
export async function paperRow(workshop: Workshop): Promise<PaperRow | undefined> {
  const epochs = 5;
  const photographs = 2000;
  const batch = 32;
  const start = randomStart(1);
  const fit = await workshop.row<FitRow>('paper/fit', async () => {
    const camera = await workshop.camera('train', '300x300');
    await using frames = await workshop.frames(camera, { limit: photographs, seed: 1 });
    const steps = Math.round((epochs * frames.length) / batch);
    return await fitRow(workshop, {
      ...{ name: 'paper/fit', frames, geometry: camera.choice.geometry, stages: ['labels'], seed: 1, init: start },
      settings: { ...usualSettings, seed: 1, batch, steps, learningRate: { conv1: 1e-4, conv2: 1e-4 } },
      budgetSeconds: 7200,
    });
  });
  if (fit === undefined) return undefined;
  const last = fit.candidates.at(-1);
  if (last === undefined) return undefined;
  const rights = await judgeAll(workshop, 'paper/test', '300x300', undefined, [
    { key: 'before', weights: start },
    { key: 'after', weights: restored(last.weights) },
  ]);
  return { fit, before: rights.get('before'), after: rights.get('after') };
}

/** For bootstraps that a document repeats. */
export const documentRandom = () => seededRandom(7);
