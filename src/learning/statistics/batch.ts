/** Batches of frames as the joined graphs take them. */
import type { FrameSet } from '../data/frame-set.ts';

/** Bytes of `pixels` for so many frames. */
export function batchBytes({ grid }: Pick<FrameSet, 'grid'>, frames: number): number {
  return 3 * grid.width * grid.height * frames;
}

/**
 * Reads the frames at `indices` into `into`, one after the other, their planes G, B, R put in the order R, G, B.
 *
 * `into`: uint8 [indices.length, 3, height, width].
 */
export async function readBatch(
  frames: Pick<FrameSet, 'grid' | 'read'>,
  indices: readonly number[],
  into: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const bytes = batchBytes(frames, 1);
  const plane = bytes / 3;
  const frame = new Uint8Array(bytes);
  for (const [place, index] of indices.entries()) {
    await frames.read(index, frame);
    const start = place * bytes;
    into.set(frame.subarray(2 * plane), start);
    into.set(frame.subarray(0, 2 * plane), start + plane);
  }
}
