/** Pictures as ffmpeg reads them quickly: one run per codec and orientation, under names that mean nothing to it. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnreadablePicture } from '../../domain/frame.ts';
import { mayBeTransparent } from './alpha.ts';
import { codecOf, readHead, type ImageCodec } from './image-codec.ts';
import { heifFault } from './heif.ts';
import { imageOrientation } from './image-orientation.ts';
import type { Orientation } from './orientation.ts';
import { pictureEnd } from './picture-end.ts';
import { isAnimatedWebp, noPicture } from './unreadable.ts';
import type { ImageSequence } from '../decode/input-arguments.ts';

/** Pictures of one codec that are stored alike; `files[i]` is the one whose frame has the presentation time i. */
export interface ImageRun {
  readonly codec: ImageCodec;
  readonly orientation: Orientation;
  readonly alpha: boolean;
  readonly files: readonly string[];
  /** Position of each in the whole list. */
  readonly positions: readonly number[];
}

export interface ImageRuns {
  readonly runs: readonly ImageRun[];
  /** What its bytes show to be no picture, or not all of one, whatever its name says. */
  readonly unreadable: readonly UnreadablePicture[];
}

/** As much as can come before the EXIF of a JPEG is over; in others it may stand at the end. */
const headBytes = 65_536;

/**
 * A decoder is made for one codec and a filter for one orientation and with or without transparency, so a mixed folder
 * takes one run per kind, in which the order is kept; a run per change of kind would start hundreds of processes.
 */
export function imageRuns(files: readonly string[]): ImageRuns {
  const runs = new Map<string, ImageRun & { files: string[]; positions: number[] }>();
  const unreadable: UnreadablePicture[] = [];
  files.forEach((file, position) => {
    const head = readHead(file, headBytes);
    const codec = codecOf(head);
    if (codec === undefined) {
      unreadable.push({ path: file, reason: noPicture(file, head) });
      return;
    }
    if (isAnimatedWebp(head)) {
      unreadable.push({
        path: file,
        reason: 'is an animated WebP, which ffmpeg cannot decode; convert it to GIF or a video',
      });
      return;
    }
    if (pictureEnd(file, codec) === 'cut') {
      unreadable.push({ path: file, reason: 'is cut off' });
      return;
    }
    const fault = heifFault(file, head);
    if (fault !== undefined) {
      unreadable.push({ path: file, reason: fault });
      return;
    }
    const orientation = imageOrientation(file, head, codec);
    const alpha = mayBeTransparent(head, codec);
    // A container of its own each: ffmpeg has no way to read them one after the other.
    const kind = codec === 'heif' ? file : `${codec} ${orientation} ${alpha}`;
    const run = runs.get(kind) ?? { codec, orientation, alpha, files: [], positions: [] };
    runs.set(kind, run);
    run.files.push(file);
    run.positions.push(position);
  });
  return { runs: [...runs.values()], unreadable };
}

/**
 * Links `000000.img`, … in a temporary directory: a percent sign, a quote or a newline in a name
 * then means nothing to anyone. The caller disposes of it.
 */
export async function linkImages(run: ImageRun): Promise<ImageSequence & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'edge-cls-images-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    for (const [index, file] of run.files.entries()) {
      await symlink(file, join(directory, `${String(index).padStart(6, '0')}.img`));
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { directory, codec: run.codec, [Symbol.asyncDispose]: remove };
}
