/** The paper's way on clean frames: from a random start, by labels alone, without a look or a gate. */
import { readFile } from 'node:fs/promises';
import { allOf } from '../../src/learning/data/frame-set.ts';
import { fit } from '../../src/learning/fit/fit.ts';
import { randomStart } from '../../src/learning/fit/random-start.ts';
import { framesAtOnce, StepGradient } from '../../src/learning/fit/step-gradient.ts';
import { labelsPiece } from '../../src/learning/loss/labels.ts';
import { decodeModel } from '../../src/onnx/wire.ts';
import { restored, stored, type StoredWeights } from './fit-row.ts';
import { judgeAll, type Right } from './judge-row.ts';
import type { Workshop } from './workshop.ts';

export const paper = { epochs: 5, photographs: 2000, batch: 32, learningRate: 1e-4 } as const;

interface PaperFit {
  readonly weights: StoredWeights;
  readonly steps: number;
  readonly seconds: number;
}

export interface PaperRow {
  readonly fitted: PaperFit;
  readonly before: Right;
  readonly after: Right;
}

/** Adam at the same rate throughout, every photograph once in each epoch. */
export async function paperRow(workshop: Workshop): Promise<PaperRow | undefined> {
  const start = randomStart(1);
  const fitted = await workshop.row<PaperFit>('paper/fit', async () => {
    const { bundle, engine } = workshop;
    const { card, modelPath } = bundle;
    const camera = await workshop.camera('train', '300x300');
    await using frames = await workshop.frames(camera, { limit: paper.photographs, seed: 1 });
    const batch = framesAtOnce(paper.batch, engine);
    await using gradient = await StepGradient.load(engine, {
      ...{ classifier: decodeModel(await readFile(modelPath)), card, geometry: camera.choice.geometry, batch, frames },
      pieces: [labelsPiece(card.output, frames.labels ?? [])],
    });
    const steps = Math.round((paper.epochs * frames.length) / paper.batch);
    const settings = {
      ...{ steps, batch: paper.batch, seed: 1, warmUp: 0, clipNorm: Infinity, pull: 0 },
      learningRate: { conv1: paper.learningRate, conv2: paper.learningRate },
    };
    const startedAt = performance.now();
    const { weights } = await fit({ gradient, indices: allOf(frames), settings, schedule: () => 1 }, { start });
    return { weights: stored(weights), steps, seconds: (performance.now() - startedAt) / 1000 };
  });
  if (fitted === undefined) return undefined;
  const rights = await judgeAll(workshop, 'paper/test', '300x300', undefined, [
    { key: 'before', weights: start },
    { key: 'after', weights: restored(fitted.weights) },
  ]);
  const [before, after] = [rights.get('before'), rights.get('after')];
  return before !== undefined && after !== undefined ? { fitted, before, after } : undefined;
}
