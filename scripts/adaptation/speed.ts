/** Rates of fitting beside that of the bare classifier, and one fit by the command line as a whole. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from '../../src/engine/engine.ts';
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import { foldableWeights } from '../../src/autodiff/foldable.ts';
import { subgraph } from '../../src/autodiff/subgraph.ts';
import { sparseLast } from '../../src/learning/fit/sparse-last.ts';
import { allOf } from '../../src/learning/data/frame-set.ts';
import { stepFrames, type Objective } from '../../src/learning/fit/stages.ts';
import { framesAtOnce, StepGradient } from '../../src/learning/fit/step-gradient.ts';
import { usualSettings } from '../../src/learning/fit/usual-settings.ts';
import { alignPiece } from '../../src/learning/loss/align.ts';
import { labelsPiece } from '../../src/learning/loss/labels.ts';
import type { LossPiece } from '../../src/learning/loss/piece.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { decodeModel, encodeModel } from '../../src/onnx/wire.ts';
import type { Workshop } from './workshop.ts';

/** Frames per second at 300×300. */
export interface RateRow {
  /** The classifier alone, nothing else, whichever way it is fastest. */
  readonly forward: number;
  /** Labels through the whole of it and back. */
  readonly labels: number;
  /** The same with the alignment beside, as `adapt` fits to labels. */
  readonly both: number;
  /** The alignment alone: first layers only, a part of the frames back. */
  readonly align: number;
}

/** All in one process, one after the other; the best of three goes each. */
export async function rateRow(workshop: Workshop): Promise<RateRow | undefined> {
  return workshop.row<RateRow>('speed/rates', async () => {
    const { bundle, engine } = workshop;
    const { card } = bundle;
    const classifier = decodeModel(await readFile(bundle.modelPath));
    const camera = await workshop.camera('train', '300x300');
    const { geometry } = camera.choice;
    const count = usualSettings.batch;
    await using frames = await workshop.frames(camera, { limit: stepFrames('align', count).looked, seed: 1 });
    const indices = allOf(frames);
    const weights = closedForm(geometry, card.resize.kernel).weights;
    const batch = framesAtOnce(count, engine);

    const dims = [batch, 3, card.input.height, card.input.width];
    const alone = subgraph(classifier, { outputs: [card.output.name], inputShapes: { [card.input.name]: dims } });
    const model = encodeModel(foldableWeights(alone));
    const forwardOn = async (some: Engine) => {
      const graph = await some.load(model);
      const picture = { data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.5), dims };
      const all = () => Array.from({ length: count / batch }, () => graph.run({ [card.input.name]: picture }));
      const found = await rate(count, () => Promise.all(all()));
      await graph.release();
      return found;
    };
    // The rival has its choice: several runs of few threads as the fits have, or one of all threads.
    await using oneByOne = await onnxruntimeEngine({ device: 'cpu' });
    const forward = Math.max(await forwardOn(engine), await forwardOn(oneByOne));

    const fitted = async (objective: Objective, pieces: readonly LossPiece[], layers = classifier) => {
      const { looked, differentiated } = stepFrames(objective, count);
      const options = { classifier: layers, card, geometry, batch, frames, pieces, differentiated };
      await using gradient = await StepGradient.load(engine, options);
      return await rate(looked, () => gradient.of(indices.slice(0, looked), weights));
    };
    const labels = labelsPiece(card.output, frames.labels ?? []);
    const align = alignPiece(card.statistics.activations);
    return {
      forward,
      labels: await fitted('labels', [labels]),
      both: await fitted('labels', [labels, align]),
      align: await fitted('align', [align], sparseLast(classifier, card.statistics.activations)),
    };
  });
}

/** The first go lays out the memory and does not count. */
async function rate(frames: number, go: () => Promise<unknown>): Promise<number> {
  await go();
  const seconds: number[] = [];
  for (let i = 0; i < 3; i++) {
    const startedAt = performance.now();
    await go();
    seconds.push((performance.now() - startedAt) / 1000);
  }
  return frames / Math.min(...seconds);
}

export interface CommandRow {
  readonly seconds: number;
  readonly peakMebibytes: number;
  readonly adopted: string | null;
  readonly steps: number;
}

/** `edge-cls adapt --resolution 1080p` from 300 photographs without labels, whatever the gate says of them. */
export async function commandRow(workshop: Workshop): Promise<CommandRow | undefined> {
  return workshop.row<CommandRow>('speed/adapt-1080p', async () => {
    const state = await mkdtemp(join(tmpdir(), 'edge-cls-adaptation-'));
    try {
      const main = join(import.meta.dirname, '../../src/main.ts');
      const folder = join(workshop.options.photographs, 'train');
      const options = [
        '--bundle',
        workshop.bundle.card.name,
        '--resolution',
        '1080p',
        '--objective',
        'align',
        '--target',
        'card',
        '--force',
        '--json',
      ];
      const argv = ['--import', 'tsx', main, 'adapt', folder, ...options, '--device', 'cpu', '--state', state];
      const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 64 * 2 ** 20 });
      const { seconds, peak_rss_mebibytes, adopted, stages } = JSON.parse(stdout) as {
        readonly seconds: number;
        readonly peak_rss_mebibytes: number;
        readonly adopted: string | null;
        readonly stages: readonly { readonly steps: number }[];
      };
      return { seconds, peakMebibytes: peak_rss_mebibytes, adopted, steps: stages[0]?.steps ?? 0 };
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  });
}
