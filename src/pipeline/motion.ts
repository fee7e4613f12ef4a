/** Whether something moves before a fixed camera, seen on a coarse grid against the camera's own noise. */
import type { Size } from '../domain/frame.ts';

/** Enough for what fills a hundredth of the picture, and a tenth of a millisecond to compute. */
const cells = { across: 32, down: 18 } as const;
/** Pixels on the way from one that is read to the next, per axis. */
const step = 2;

/** Levels of 255 that the mean of a cell may change by without anything having moved; no lens is quieter. */
const floor = 2;
/** So many times its usual change is more than noise: five standard deviations of one that is normal. */
const outlier = 6;
/** A change larger than this, in levels, is none of noise, however long it goes on: a cell must not go blind. */
const mostNoise = 3;
/** The usual change of a cell is that of so many seconds. */
const noiseSeconds = 10;

export interface Picture {
  /** Planar uint8; the first plane is the green one. */
  readonly pixels: Uint8Array;
  readonly grid: Size;
  readonly presentationSeconds: number;
}

/**
 * Compares each frame with the last one that had moved. A cell has moved when its mean differs by more than six times
 * what it, or the mean of all, usually does from one frame to the next, and by more than two levels: so a tree in the wind, the digits of a
 * clock and compression at night are still, and a small thing that comes into a quiet cell is not.
 */
export class MotionDetector {
  readonly #maxStillSeconds: number;
  #reference: { readonly means: Float32Array; readonly atSeconds: number } | undefined;
  #last: { readonly means: Float32Array; readonly atSeconds: number } | undefined;
  /** Mean change of each cell from one frame to the next, levels. */
  readonly #noise = new Float32Array(cells.across * cells.down);
  #usualNoise = 0;
  #compared = 0;

  /** @param maxStillSeconds - after so long a frame counts as moved whatever it shows, seconds of presentation time */
  constructor(maxStillSeconds: number) {
    this.#maxStillSeconds = maxStillSeconds;
  }

  /** Whether a frame shows what the last one that had moved did; the frames of one stream, in their order. */
  isStill(picture: Picture): boolean {
    const means = cellMeans(picture);
    const { presentationSeconds: atSeconds } = picture;
    const reference = this.#reference;
    const elapsed = atSeconds - (reference?.atSeconds ?? Number.NaN);
    // Written so that an unknown time, and one that goes backwards, counts as moved.
    const isStill =
      reference !== undefined &&
      elapsed >= 0 &&
      elapsed < this.#maxStillSeconds &&
      this.#isQuiet(means, reference.means);
    this.#learn(means, atSeconds);
    if (!isStill) this.#reference = { means, atSeconds };
    return isStill;
  }

  #isQuiet(means: Float32Array, before: Float32Array): boolean {
    // The second frame knows no noise yet but that between the two, of which one small thing is little.
    const usual = this.#compared > 0 ? this.#usualNoise : meanChange(means, before);
    const least = Math.max(floor, outlier * usual);
    return means.every(
      (mean, cell) => change(mean, before[cell]) <= Math.max(least, outlier * (this.#noise[cell] ?? 0)),
    );
  }

  #learn(means: Float32Array, atSeconds: number): void {
    const last = this.#last;
    this.#last = { means, atSeconds };
    if (!last) return;
    // At first the mean of what there was.
    const weight = Math.max(1 / ++this.#compared, -Math.expm1(-Math.max(0, atSeconds - last.atSeconds) / noiseSeconds));
    let sum = 0;
    for (let cell = 0; cell < means.length; cell++) {
      const usual = this.#noise[cell] ?? 0;
      sum += this.#noise[cell] = usual + weight * (noiseOf(means[cell], last.means[cell]) - usual);
    }
    this.#usualNoise = sum / means.length;
  }
}

const change = (mean = 0, before = 0): number => Math.abs(mean - before);
const noiseOf = (mean?: number, before?: number): number => Math.min(mostNoise, change(mean, before));

/** Mean over all cells, levels. */
function meanChange(means: Float32Array, before: Float32Array): number {
  return means.reduce((sum, mean, cell) => sum + noiseOf(mean, before[cell]), 0) / means.length;
}

/** Means of the green plane over a grid of cells, 0 to 255. */
function cellMeans({ pixels, grid: { width, height } }: Picture): Float32Array {
  const { across, down } = cells;
  const sums = new Float32Array(across * down);
  const counts = new Uint32Array(across * down);
  for (let y = 0; y < height; y += step) {
    const row = Math.floor((y * down) / height) * across;
    for (let x = 0; x < width; x += step) {
      const cell = row + Math.floor((x * across) / width);
      sums[cell] = (sums[cell] ?? 0) + (pixels[y * width + x] ?? 0);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return sums.map((sum, cell) => sum / Math.max(1, counts[cell] ?? 0));
}
