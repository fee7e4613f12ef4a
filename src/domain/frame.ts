/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export function sizeText({ width, height }: Size): string {
  return `${width}x${height}`;
}

/** Pixels, from the top left corner. */
export interface Rectangle extends Size {
  readonly x: number;
  readonly y: number;
}

/**
 * Pixels at the grid size of a geometry.
 *
 * `pixels` holds three planes of `grid.width × grid.height` bytes: green, blue, red. Whoever holds the frame owns the buffer: it is transferred to the engine and comes
 * back, and is given back to its source through `release`, exactly once.
 */
export interface Frame {
  readonly stream: string;
  /** Position among the frames that the decoder delivered, from 0. */
  readonly sequence: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly grid: Size;
  /** Presentation time in the stream's own clock, seconds. */
  readonly presentationSeconds: number;
  /** Monotonic milliseconds (`Clock.now`) at which the frame was complete. */
  readonly capturedAt: number;
  /**
   * Wall clock at which it was taken, milliseconds since 1970: of a live source when it came, of a recording what that
   * says; undefined where it says nothing.
   */
  readonly takenAt?: number;
  /** What the source delivered before any scaling. */
  readonly native: Size;
  /** The file that the frame is, where the source is a picture or a folder of pictures. */
  readonly source?: string;
}

/** How much of what a container says it holds has come. */
export interface Seen {
  readonly seconds: number;
  /** What the container says. */
  readonly durationSeconds: number;
  /** False where more than one frame in a hundred or the last second is missing. */
  readonly complete: boolean;
}

/** A picture that was named, or lies in a folder that was, and is not classified. */
export interface UnreadablePicture {
  readonly path: string;
  /** What follows "it", for example `is cut off`. */
  readonly reason: string;
}

/** Why a frame was not classified; the values are metric labels. `still`: the answer of the frame before stands for it. */
export const dropReasons = ['stale', 'backpressure', 'decode_error', 'rate_limit', 'geometry', 'still'] as const;
export type DropReason = (typeof dropReasons)[number];
