/** Pictures as ffmpeg reads them quickly: one run per codec, under names that mean nothing to it. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageCodec, type ImageCodec } from './image-codec.ts';
import type { ImageSequence } from './input-arguments.ts';

/** Pictures of one codec; `files[i]` is the one whose frame has the presentation time i. */
export interface ImageRun {
  readonly codec: ImageCodec;
  readonly files: readonly string[];
  /** Position of each in the whole list. */
  readonly positions: readonly number[];
}

export interface ImageRuns {
  readonly runs: readonly ImageRun[];
  /** Files that are no picture, whatever their names say. */
  readonly unreadable: readonly string[];
}

/**
 * A decoder is made for one codec, so a mixed folder takes one run per codec, in which the order
 * is kept; a run per change of codec would start hundreds of processes.
 */
export function imageRuns(files: readonly string[]): ImageRuns {
  const byCodec = new Map<ImageCodec, { files: string[]; positions: number[] }>();
  const unreadable: string[] = [];
  files.forEach((file, position) => {
    const codec = imageCodec(file);
    if (codec === undefined) {
      unreadable.push(file);
      return;
    }
    const run = byCodec.get(codec) ?? { files: [], positions: [] };
    byCodec.set(codec, run);
    run.files.push(file);
    run.positions.push(position);
  });
  return { runs: [...byCodec].map(([codec, run]) => ({ codec, ...run })), unreadable };
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
