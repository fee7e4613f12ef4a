/** Photographs at a classifier's input size, as it was trained to see them. */
import { systemClock } from '../../domain/clock.ts';
import type { Card } from '../../model/card.ts';
import { decoderSettings } from '../../model/decoder-settings.ts';
import { bundleGeometry } from '../../model/bundle-geometry.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { SourceError } from '../../video/source/source-error.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { sourceFrames } from '../../video/source/source-frames.ts';
import { openSource } from '../../video/source/source.ts';
import type { SourceSpec } from '../../video/source/source-spec.ts';

export interface DecodedPhotograph {
  readonly path: string;
  /** [3, height, width], R, G, B in [0, 1]. */
  readonly image: Float32Array<ArrayBuffer>;
}

/** What is not known beforehand is taken from each picture by the filters themselves. */
const anyPhotograph: SourceInfo = {
  codec: 'mjpeg',
  pixelFormat: 'yuvj420p',
  native: { width: 1, height: 1 },
  display: { width: 1, height: 1 },
  sampleAspectRatio: 1,
  hasAudio: false,
};

/** Enough that ffmpeg is never waited for, few enough to be nothing. */
const slots = 4;

/**
 * Decodes the files in turn, cropped or stretched and resized as the card says, by the one pass through
 * ffmpeg that `run` makes too. Files that are no photographs are handed to `onUnreadable`.
 *
 * Rejects with what `onPhotograph` rejects with, with a `SourceError`, and with the signal's reason.
 */
export async function decodePhotographs(
  files: readonly string[],
  card: Card,
  options: {
    readonly ffmpeg: Ffmpeg;
    readonly signal?: AbortSignal | undefined;
    readonly onPhotograph: (photograph: DecodedPhotograph) => Promise<void>;
    readonly onUnreadable: (path: string) => void;
  },
): Promise<void> {
  const { ffmpeg, signal, onPhotograph, onUnreadable } = options;
  const { width, height } = card.input;
  const spec: SourceSpec = { kind: 'folder', live: false, path: 'of photographs', files };
  const choice = bundleGeometry(card, { width, height }, 'native');
  const source = openSource({
    stream: 'photographs',
    spec,
    info: anyPhotograph,
    ...decoderSettings(card, choice, { sizesDiffer: true }),
    grid: { width, height },
    lossless: true,
    slots,
    stallSeconds: 60,
    clock: systemClock,
    ffmpeg,
    onDrop: () => undefined,
    signal,
  });
  let came = 0;
  try {
    for await (const { source: path = '', pixels } of sourceFrames(source)) {
      came++;
      const image = rgbImage(pixels);
      source.release(pixels);
      await onPhotograph({ path, image });
    }
  } catch (error) {
    const noneIsOne = came === 0 && error instanceof SourceError && error.reason === 'codec';
    if (!noneIsOne) throw error;
  }
  signal?.throwIfAborted();
  for (const { path } of (await source.exited).unreadable) onUnreadable(path);
}

/** Planes of G, B, R in bytes, as ffmpeg's gbrp has them, to R, G, B in [0, 1]. */
function rgbImage(pixels: Uint8Array): Float32Array<ArrayBuffer> {
  const count = pixels.length / 3;
  const image = new Float32Array(pixels.length);
  for (let i = 0; i < count; i++) {
    image[i] = (pixels[2 * count + i] ?? 0) / 255;
    image[count + i] = (pixels[i] ?? 0) / 255;
    image[2 * count + i] = (pixels[count + i] ?? 0) / 255;
  }
  return image;
}
