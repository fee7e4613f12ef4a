/** A corruption done to a stream of pictures. */
import { ConfigurationError } from '../../domain/errors.ts';
import type { Size } from '../../domain/frame.ts';
import { throughFfmpeg } from '../../video/child/through-ffmpeg.ts';
import { cutRecords } from '../../video/decode/cut-records.ts';
import { h264DecodeArguments, h264EncodeArguments } from '../../video/decode/raw-video.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import type { Change } from '../data/load-frames.ts';
import { seededRandom } from '../random.ts';
import { h264Crf, pictureCorruption, type Corruption } from './corruptions.ts';
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

/**
 * Planar gbrp pictures through x264 at a constant rate factor and back, each a key frame: the
 * pictures need not follow each other. Throws a ConfigurationError where ffmpeg lacks libx264.
 */
function throughH264(
  pictures: AsyncIterable<Uint8Array>,
  crf: number,
  size: Size,
  { ffmpeg, signal }: CorruptOptions,
): AsyncIterable<Uint8Array> {
  if (!ffmpeg.encoders.has('libx264')) {
    throw new ConfigurationError(
      `ffmpeg ${ffmpeg.path} must have the encoder libx264 for h264_crf, which this build lacks; use another one, or another corruption`,
    );
  }
  const { path, version } = ffmpeg;
  const stream = throughFfmpeg(pictures, { path, args: h264EncodeArguments(size, crf), signal });
  const decoded = throughFfmpeg(stream, { path, args: h264DecodeArguments(size, version), signal });
  return cutRecords(decoded, 3 * size.width * size.height);
}
