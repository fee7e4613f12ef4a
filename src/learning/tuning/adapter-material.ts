/** Labelled frames that a front end's learning rate is looked for on. */
import { readFile } from 'node:fs/promises';
import { seededRandom } from '../../domain/random.ts';
import { UserError } from '../../domain/errors.ts';
import type { Size } from '../../domain/frame.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Bundle } from '../../model/bundle.ts';
import { closedForm } from '../../model/closed-form.ts';
import type { Geometry, RequestedMode } from '../../model/geometry.ts';
import type { GraphModel } from '../../onnx/model.ts';
import { decodeModel } from '../../onnx/wire.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { cameraOf } from '../data/camera.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { loadFrames } from '../data/load-frames.ts';
import { randomStart } from '../fit/random-start.ts';
import { stratifiedSplit, type Split } from '../head/split.ts';

/** `random`: as the paper starts; `closed-form`: at the resize of the bundle's training. */
export const starts = ['random', 'closed-form'] as const;

export type Start = (typeof starts)[number];

export interface AdapterMaterialOptions {
  readonly folder: string;
  readonly bundle: Bundle;
  readonly resolution: 'auto' | Size;
  readonly mode: RequestedMode;
  readonly start: Start;
  /** Frames at most. */
  readonly limit: number;
  readonly validationShare: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly signal?: AbortSignal | undefined;
}

export interface AdapterMaterial extends AsyncDisposable {
  readonly options: AdapterMaterialOptions;
  readonly geometry: Geometry;
  readonly classifier: GraphModel;
  readonly frames: FrameSet;
  readonly labels: Int32Array;
  readonly split: Split;
  /** Weights that a training with this seed begins with. */
  readonly start: (seed: number) => AdapterWeights;
}

/** Loads the frames. Throws a `UserError` where they come without labels. */
export async function adapterMaterial(options: AdapterMaterialOptions): Promise<AdapterMaterial> {
  const { folder, bundle, engine, ffmpeg, signal, seed } = options;
  const camera = await cameraOf([folder], {
    card: bundle.card,
    device: engine.report.device,
    geometry: options.mode,
    resolution: options.resolution,
    ffmpeg,
    signal,
  });
  const { geometry } = camera.choice;
  const random = seededRandom(seed);
  const frames = await loadFrames(camera, { ffmpeg, signal, limit: options.limit, random: () => random.next() });
  const { labels } = frames;
  if (labels === undefined) {
    await frames[Symbol.asyncDispose]();
    throw new UserError(
      `the folder ${folder} must have a folder of photographs for each label of ${bundle.card.name}, it has none of them`,
    );
  }
  return {
    options,
    geometry,
    frames,
    labels,
    classifier: decodeModel(await readFile(bundle.modelPath)),
    split: stratifiedSplit([...labels], options.validationShare, seed),
    start: (trainingSeed) =>
      options.start === 'random' ? randomStart(trainingSeed) : closedForm(geometry, bundle.card.resize.kernel).weights,
    [Symbol.asyncDispose]: () => frames[Symbol.asyncDispose](),
  };
}
