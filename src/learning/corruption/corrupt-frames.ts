/** A corruption done to a stream of pictures. */
import type { Size } from '../../domain/frame.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import type { Change } from '../data/load-frames.ts';
import { seededRandom } from '../random.ts';
import { h264Crf, pictureCorruption, type Corruption } from './corruptions.ts';
import { throughH264 } from './h264.ts';
import { gbrpOf, pictureOf } from './picture.ts';

export interface CorruptOptions {
  /** Size of the pictures: the camera's own, since that is where noise and blur arise. */
  readonly native: Size;
  /** The same pictures with the same seed become the same; each picture has its own numbers. */
  readonly seed: number;
  readonly ffmpeg: Ffmpeg;
  readonly signal?: AbortSignal | undefined;
}

export function corruptFrames(corruption: Corruption, options: CorruptOptions): Change {
  const { native, seed } = options;
  const corrupt = pictureCorruption(corruption);
  if (corrupt === undefined) {
    return (pictures) => throughH264(pictures, h264Crf[corruption.severity - 1] ?? h264Crf[4], native, options);
  }
  return async function* (pictures) {
    let index = 0;
    for await (const pixels of pictures) {
      yield gbrpOf(corrupt(pictureOf(pixels, native), seededRandom(seed, index++)));
    }
  };
}
