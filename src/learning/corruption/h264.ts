/** What a camera's encoder loses when its bit rate is too low. */
import { ConfigurationError } from '../../domain/errors.ts';
import type { Size } from '../../domain/frame.ts';
import { cutRecords } from '../../video/decode/cut-records.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { h264DecodeArguments, h264EncodeArguments } from '../../video/decode/raw-video.ts';
import { throughFfmpeg } from '../../video/child/through-ffmpeg.ts';

/**
 * Planar gbrp pictures through x264 at a constant rate factor and back, each a key frame: the
 * pictures need not follow each other. Throws a ConfigurationError where ffmpeg lacks libx264.
 */
export function throughH264(
  pictures: AsyncIterable<Uint8Array>,
  crf: number,
  size: Size,
  { ffmpeg, signal }: { readonly ffmpeg: Ffmpeg; readonly signal?: AbortSignal | undefined },
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
