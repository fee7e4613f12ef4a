/** Frames at the grid of one geometry, on disk and read by index: memory is bounded by the batch, not by the set. */
import type { Size } from '../../domain/frame.ts';
import { RecordFile } from './record-file.ts';

export interface FrameSet extends AsyncDisposable {
  readonly length: number;
  readonly grid: Size;
  /** Class index of each frame, in the order of the card's labels, where the frames came labelled. */
  readonly labels: Int32Array | undefined;
  /** sha256 of the raw bytes, hex: equal fingerprints are equal frames in equal order. */
  readonly fingerprint: string;
  /**
   * Planar gbrp, uint8 [3, grid.height, grid.width], planes in ffmpeg's order G, B, R; into `into`
   * where it is given, which must have that length. Throws a RangeError outside of the set.
   */
  read(index: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** The indices of all frames, in their order. */
export function allOf({ length }: Pick<FrameSet, 'length'>): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** The set over a finished file of frames, which it owns from now on. */
export function frameSet(records: RecordFile, grid: Size, labels: readonly number[] | undefined): FrameSet {
  if (labels !== undefined && labels.length !== records.length) {
    throw new Error(`there must be a label for each of ${records.length} frames, there are ${labels.length}`);
  }
  return {
    length: records.length,
    grid,
    labels: labels && Int32Array.from(labels),
    fingerprint: records.digest(),
    read: (index, into) => records.read(index, into),
    [Symbol.asyncDispose]: () => records[Symbol.asyncDispose](),
  };
}

/** Pictures without labels, stored one by one. The caller disposes of the set; where a picture fails, nothing is left. */
export async function storedFrames(grid: Size, pictures: AsyncIterable<Uint8Array>): Promise<FrameSet> {
  const records = await RecordFile.create(3 * grid.width * grid.height);
  try {
    for await (const picture of pictures) await records.append(picture);
    return frameSet(records, grid, undefined);
  } catch (error) {
    await records[Symbol.asyncDispose]();
    throw error;
  }
}
