/** How the pixels of a camera's frames go together: what a denoiser in closed form is made from. */
import type { FrameSet } from '../data/frame-set.ts';

/** Largest distance along an axis: 7 taps reach each other over 6. */
const reach = 6;
const span = 2 * reach + 1;

/** About so many rows of a frame are looked at, spread over it. */
const rowsLookedAt = 64;

/**
 * Mean of (x_c[i, j] − μ_c) · (x_d[i + dy, j + dx] − μ_d) for channels R, G, B and −6 ≤ dy, dx ≤ 6;
 * pixels 0 to 1, each frame's own mean taken off, so that differing brightness of frames does not count.
 */
export class Autocovariance {
  /** [3, 3, 7, 13]: dy from 0 on; the rest follows by symmetry. */
  readonly #sums = new Float64Array(9 * (reach + 1) * span);
  #count = 0;

  static async of(frames: Pick<FrameSet, 'grid' | 'read'>, indices: readonly number[]): Promise<Autocovariance> {
    const result = new Autocovariance();
    for (const index of indices) result.#add(await frames.read(index), frames.grid);
    return result;
  }

  at(c: number, d: number, dy: number, dx: number): number {
    if (dy < 0) return this.at(d, c, -dy, -dx);
    return (this.#sums[place(c, d, dy, dx)] ?? NaN) / this.#count;
  }

  #add(frame: Uint8Array, { width, height }: FrameSet['grid']): void {
    const plane = width * height;
    // gbrp: R, G, B are the planes 2, 0, 1.
    const centred = [2, 0, 1].map((index) => centredPlane(frame.subarray(index * plane, (index + 1) * plane)));
    const stride = Math.max(1, Math.floor((height - reach) / rowsLookedAt));
    for (let row = 0; row + reach < height; row += stride) {
      this.#count += width - 2 * reach;
      for (let pair = 0; pair < 9; pair++) {
        const [a, b] = [centred[Math.floor(pair / 3)], centred[pair % 3]];
        if (a && b) this.#addRow(a, b, pair, row, width);
      }
    }
  }

  #addRow(a: Float32Array, b: Float32Array, pair: number, row: number, width: number): void {
    for (let dy = 0; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        let sum = 0;
        const [from, to] = [row * width, (row + dy) * width + dx];
        for (let x = reach; x < width - reach; x++) sum += (a[from + x] ?? 0) * (b[to + x] ?? 0);
        const at = place(Math.floor(pair / 3), pair % 3, dy, dx);
        this.#sums[at] = (this.#sums[at] ?? 0) + sum;
      }
    }
  }
}

function place(c: number, d: number, dy: number, dx: number): number {
  return ((3 * c + d) * (reach + 1) + dy) * span + dx + reach;
}

function centredPlane(bytes: Uint8Array): Float32Array {
  const mean = bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
  return Float32Array.from(bytes, (value) => (value - mean) / 255);
}
