/** Clean frames at the resolutions that cameras have, with no fitting at all. */
import { seededRandom } from '../../src/learning/random.ts';
import { evaluateCamera } from '../../src/learning/evaluation/evaluate-camera.ts';
import type { Evaluation } from '../../src/learning/evaluation/evaluation.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { geometryKey } from '../../src/model/geometry.ts';
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

/** For bootstraps that a document repeats. */
export const documentRandom = () => seededRandom(7);
