/** Front ends judged on the test photographs, as a row: who is right on which. */
import type { Corruption } from '../../src/learning/corruption/corruptions.ts';
import { allOf, type FrameSet } from '../../src/learning/data/frame-set.ts';
import { classifyFrames } from '../../src/learning/evaluation/classify-frames.ts';
import { argmax } from '../../src/domain/argmax.ts';
import { inParts } from '../../src/learning/statistics/frame-runs.ts';
import type { AdapterWeights } from '../../src/model/adapter.ts';
import { probabilities } from '../../src/domain/decision-rule.ts';
import type { Geometry } from '../../src/model/geometry.ts';
import { part } from './frame-views.ts';
import { testSeed, type Workshop } from './workshop.ts';

/** A digit per photograph: 1 where the answer is right. */
export type Right = string;

export async function judge(
  workshop: Workshop,
  frames: FrameSet,
  geometry: Geometry,
  weights: AdapterWeights,
): Promise<Right> {
  const { card } = workshop.bundle;
  const sessions = await workshop.sessions(geometry);
  const parts = inParts(allOf(frames), Math.ceil(frames.length / workshop.engine.report.parallelRuns));
  const logits = await Promise.all(parts.map((indices) => classifyFrames(part(frames, indices), weights, sessions)));
  return logits
    .flat()
    .map((one, i) => (argmax(probabilities(one, card.output)) === frames.labels?.[i] ? '1' : '0'))
    .join('');
}

/**
 * Rows `${name}/${key}` for all adapters at once: the test photographs are loaded for those that are
 * not judged yet, once.
 */
export async function judgeAll(
  workshop: Workshop,
  name: string,
  resolution: string,
  corruption: Corruption | undefined,
  adapters: readonly { readonly key: string; readonly weights: AdapterWeights }[],
): Promise<ReadonlyMap<string, Right>> {
  const camera = await workshop.camera('test', resolution);
  const { geometry } = camera.choice;
  let frames: Promise<FrameSet> | undefined;
  const rights = new Map<string, Right>();
  try {
    for (const { key, weights } of adapters) {
      const right = await workshop.row<Right>(`${name}/${key}`, async () => {
        frames ??= workshop.frames(camera, { limit: workshop.sizes.test, seed: testSeed, corruption });
        return judge(workshop, await frames, geometry, weights);
      });
      if (right !== undefined) rights.set(key, right);
    }
  } finally {
    await (await frames)?.[Symbol.asyncDispose]();
  }
  return rights;
}
