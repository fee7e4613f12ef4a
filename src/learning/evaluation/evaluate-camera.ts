/** How good front ends are on a camera's material, as it is and degraded. */
import { probabilities } from '../../domain/decision-rule.ts';
import type { Size } from '../../domain/frame.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Card } from '../../model/card.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { corruptFrames } from '../corruption/corrupt-frames.ts';
import type { Corruption } from '../corruption/corruptions.ts';
import type { Camera } from '../data/camera.ts';
import { ImageFile } from '../data/image-set.ts';
import { inTurn, loadFrames, type Change } from '../data/load-frames.ts';
import { referenceImage } from '../data/reference-resize.ts';
import { seededRandom } from '../random.ts';
import { classifyFrames, classifyImages, type Sessions } from './classify-frames.ts';
import { evaluate, type Evaluation } from './evaluation.ts';
import type { Probabilities } from './metrics.ts';

export interface EvaluateOptions {
  readonly camera: Camera;
  readonly bundle: Bundle;
  readonly sessions: Sessions;
  readonly ffmpeg: Ffmpeg;
  readonly corruption?: Corruption | undefined;
  readonly adapters: readonly { readonly name: string; readonly weights: AdapterWeights }[];
  readonly limit: number;
  /** Chooses the frames and the noise: equal seeds give equal frames, whatever the adapter. */
  readonly seed: number;
  /** Run the reference path beside them. */
  readonly reference: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told what is missing of a source, a sentence. */
  readonly onMissing?: ((sentence: string) => void) | undefined;
  readonly onProgress?: ((what: string, done?: number, total?: number) => void) | undefined;
}

export interface CameraEvaluation {
  /** In the order of the adapters. */
  readonly evaluations: readonly Evaluation[];
  readonly probabilities: readonly Probabilities[];
  readonly labels: Int32Array | undefined;
}

/**
 * Whether the reference path can see what the camera sees: pictures of a folder that differ in size
 * have no size of their own in common, unless a resolution gives them one.
 */
export function hasReference({ resized, materials }: Camera): boolean {
  return resized || materials.every(({ spec }) => spec.kind !== 'folder');
}

/** Loads the frames once and runs every adapter, and the reference path, over them. */
export async function evaluateCamera(options: EvaluateOptions): Promise<CameraEvaluation> {
  const { camera, bundle, sessions, ffmpeg, corruption, adapters, limit, seed, signal, onProgress } = options;
  const { card } = bundle;
  await using images = await ImageFile.create(card.input);
  const changes: Change[] = [];
  if (corruption) changes.push(corruptFrames(corruption, { native: camera.native, seed, ffmpeg, signal }));
  if (options.reference) changes.push(takeReference({ ...card, resize: camera.resize }, camera.native, images));
  onProgress?.('frames');
  await using frames = await loadFrames(camera, {
    ffmpeg,
    limit,
    signal,
    onMissing: options.onMissing,
    random: seededRandom(seed).uniform,
    change: inTurn(changes),
  });
  const classes = card.output.labels.length;
  const progress = (what: string) => ({
    signal,
    onProgress: (done: number) => onProgress?.(what, done, frames.length),
  });
  const read = (logits: readonly Float32Array[]) => logits.map((values) => probabilities(values, card.output));
  const reference = options.reference
    ? read(await classifyImages(images, sessions.classifier, progress('reference')))
    : undefined;
  const all: Probabilities[] = [];
  for (const { name, weights } of adapters) {
    all.push(read(await classifyFrames(frames, weights, sessions, progress(name))));
  }
  const { labels } = frames;
  return {
    labels,
    probabilities: all,
    evaluations: all.map((answers) => evaluate({ probabilities: answers, reference, labels, classes })),
  };
}

/** Leaves the pictures as they are, and writes each, resized as in training but seen as the camera's, to `images`. */
function takeReference(card: Card, native: Size, images: ImageFile): Change {
  return async function* (pictures) {
    for await (const pixels of pictures) {
      await images.append(referenceImage(pixels, native, card));
      yield pixels;
    }
  };
}
