/** A set of frames through front end and classifier. */
import type { AdapterWeights } from '../../model/adapter.ts';
import type { ClassifierSession } from '../../model/classifier-session.ts';
import type { FrontEnd } from '../../model/front-end/front-end.ts';
import type { FrameSet } from '../data/frame-set.ts';
import type { ImageSet } from '../data/image-set.ts';

export interface ClassifyOptions {
  /** Images that go through the classifier together; 8 by default. */
  readonly batch?: number;
  readonly signal?: AbortSignal | undefined;
  /** Told after each batch how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

export interface Sessions {
  readonly frontEnd: FrontEnd;
  readonly classifier: ClassifierSession;
}

/** Logits of each frame, in order. Throws the signal's reason when aborted. */
export async function classifyFrames(
  frames: FrameSet,
  adapter: AdapterWeights,
  { frontEnd, classifier }: Sessions,
  options: ClassifyOptions = {},
): Promise<readonly Float32Array[]> {
  let buffer = new Uint8Array(3 * frames.grid.width * frames.grid.height);
  const image = async (index: number) => {
    const result = await frontEnd.run(await frames.read(index, buffer), adapter);
    buffer = result.pixels;
    return result.image;
  };
  return inBatches({ length: frames.length, image, release: (used) => frontEnd.release(used) }, classifier, options);
}

/** Logits of images that are at the classifier's size already. */
export function classifyImages(
  images: ImageSet,
  classifier: ClassifierSession,
  options: ClassifyOptions = {},
): Promise<readonly Float32Array[]> {
  const { length } = images;
  return inBatches({ length, image: (index) => images.read(index) }, classifier, options);
}

interface Images {
  readonly length: number;
  readonly image: (index: number) => Promise<Float32Array<ArrayBuffer>>;
  readonly release?: (image: Float32Array<ArrayBuffer>) => void;
}

async function inBatches(
  { length, image, release }: Images,
  classifier: ClassifierSession,
  { batch = 8, signal, onProgress }: ClassifyOptions,
): Promise<readonly Float32Array[]> {
  const all: Float32Array[] = [];
  while (all.length < length) {
    signal?.throwIfAborted();
    const images: Float32Array<ArrayBuffer>[] = [];
    while (images.length < batch && all.length + images.length < length) {
      images.push(await image(all.length + images.length));
    }
    all.push(...(await classifier.classify(images)).logits);
    if (release) images.forEach(release);
    onProgress?.(all.length);
  }
  return all;
}
