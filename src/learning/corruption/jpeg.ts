/** What JPEG loses: quantised cosine transforms of 8×8 blocks, colours at half the size. Coding the rest loses nothing. */
import type { Size } from '../../domain/frame.ts';
import type { Picture, Plane } from './picture.ts';

/** Reference: ITU-T T.81, tables K.1 and K.2. */
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
] as const;
const chrominance = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99,
] as const;

/** A picture that was stored as JPEG with 4:2:0 colours at the quality 1 to 100 of libjpeg. */
export function jpeg(picture: Picture, quality: number): Picture {
  const { width, height } = picture;
  const { luma, cb, cr } = toYcc(picture);
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const colour = (plane: Plane) => {
    const small = quantised(halved(plane, width, height), half.width, half.height, scaled(chrominance, quality));
    return doubled(small, half.width, half.height, width, height);
  };
  const y = quantised(luma, width, height, scaled(luminance, quality));
  return fromYcc({ luma: y, cb: colour(cb), cr: colour(cr) }, { width, height });
}

/** Luminance and the two differences of colour, 0 to 255, the differences about 128. */
interface YccPlanes {
  readonly luma: Plane;
  readonly cb: Plane;
  readonly cr: Plane;
}

/** JFIF: BT.601, full range. */
function toYcc({ red, green, blue }: Picture): YccPlanes {
  const plane = () => new Float32Array(red.length);
  const [luma, cb, cr] = [plane(), plane(), plane()];
  for (let i = 0; i < red.length; i++) {
    const [r, g, b] = [byte(red[i]), byte(green[i]), byte(blue[i])];
    luma[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    cb[i] = Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b);
    cr[i] = Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b);
  }
  return { luma, cb, cr };
}

function byte(value: number | undefined): number {
  return 255 * Math.min(1, Math.max(0, value ?? 0));
}

function fromYcc({ luma, cb, cr }: YccPlanes, { width, height }: Size): Picture {
  const plane = () => new Float32Array(luma.length);
  const [red, green, blue] = [plane(), plane(), plane()];
  for (let i = 0; i < luma.length; i++) {
    const [y, b, r] = [luma[i] ?? 0, (cb[i] ?? 0) - 128, (cr[i] ?? 0) - 128];
    red[i] = unit(y + 1.402 * r);
    green[i] = unit(y - 0.344136 * b - 0.714136 * r);
    blue[i] = unit(y + 1.772 * b);
  }
  return { width, height, red, green, blue };
}

function unit(value: number): number {
  return Math.min(255, Math.max(0, value)) / 255;
}

/** libjpeg's scaling of the tables. */
function scaled(table: readonly number[], quality: number): readonly number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return table.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
}

/** basis[8u + x] = c(u)/2 · cos((2x + 1)uπ / 16), orthonormal. */
const basis = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});
/** Of orthonormal rows: the transpose. */
const inverse = basis.map((_, i) => basis[8 * (i & 7) + (i >> 3)] ?? 0);

/** Blocks beyond the border repeat the last pixel. */
function quantised(plane: Plane, width: number, height: number, steps: readonly number[]): Plane {
  const result = new Float32Array(plane.length);
  const block = new Float64Array(64);
  const work = new Float64Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i++) {
        const y = Math.min(height - 1, top + (i >> 3));
        const x = Math.min(width - 1, left + (i & 7));
        block[i] = (plane[y * width + x] ?? 0) - 128;
      }
      transformRows(block, work, basis);
      transformRows(work, block, basis);
      for (let i = 0; i < 64; i++) {
        // The two passes leave the block as it was oriented: each transposes.
        const step = steps[i] ?? 1;
        block[i] = Math.round((block[i] ?? 0) / step) * step;
      }
      transformRows(block, work, inverse);
      transformRows(work, block, inverse);
      for (let i = 0; i < 64; i++) {
        const [y, x] = [top + (i >> 3), left + (i & 7)];
        if (y < height && x < width)
          result[y * width + x] = Math.round(Math.min(255, Math.max(0, (block[i] ?? 0) + 128)));
      }
    }
  }
  return result;
}

/** Multiplies each row of an 8×8 block by a matrix and writes it as a column. */
function transformRows(from: Float64Array, to: Float64Array, matrix: Float64Array): void {
  for (let row = 0; row < 8; row++) {
    // Eight numbers that stay in registers: three times as fast as a loop over them.
    const first = 8 * row;
    const a = from[first] ?? 0;
    const b = from[first + 1] ?? 0;
    const c = from[first + 2] ?? 0;
    const d = from[first + 3] ?? 0;
    const e = from[first + 4] ?? 0;
    const f = from[first + 5] ?? 0;
    const g = from[first + 6] ?? 0;
    const h = from[first + 7] ?? 0;
    for (let k = 0; k < 64; k += 8) {
      to[k + row] =
        a * (matrix[k] ?? 0) +
        b * (matrix[k + 1] ?? 0) +
        c * (matrix[k + 2] ?? 0) +
        d * (matrix[k + 3] ?? 0) +
        e * (matrix[k + 4] ?? 0) +
        f * (matrix[k + 5] ?? 0) +
        g * (matrix[k + 6] ?? 0) +
        h * (matrix[k + 7] ?? 0);
    }
  }
}

/** Sums are rounded down after 1 and 2 in turn, as libjpeg does. */
function halved(plane: Plane, width: number, height: number): Plane {
  const small = new Float32Array(Math.ceil(width / 2) * Math.ceil(height / 2));
  const columns = Math.ceil(width / 2);
  const at = (x: number, y: number) => plane[Math.min(height - 1, y) * width + Math.min(width - 1, x)] ?? 0;
  return small.map((_, i) => {
    const [x, y] = [2 * (i % columns), 2 * Math.floor(i / columns)];
    return Math.floor((at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 1 + ((i % columns) % 2)) / 4);
  });
}

/** Linear in both directions, ¾ of the nearer and ¼ of the farther, as libjpeg does by default. */
function doubled(plane: Plane, columns: number, rows: number, width: number, height: number): Plane {
  const result = new Float32Array(width * height);
  const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  for (let y = 0; y < height; y++) {
    const near = (y >> 1) * columns;
    const far = clamp((y >> 1) + (y & 1 ? 1 : -1), rows) * columns;
    for (let x = 0; x < width; x++) {
      const [a, b] = [x >> 1, clamp((x >> 1) + (x & 1 ? 1 : -1), columns)];
      const upper = 0.75 * (plane[near + a] ?? 0) + 0.25 * (plane[near + b] ?? 0);
      const lower = 0.75 * (plane[far + a] ?? 0) + 0.25 * (plane[far + b] ?? 0);
      result[y * width + x] = 0.75 * upper + 0.25 * lower;
    }
  }
  return result;
}
