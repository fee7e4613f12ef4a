/** The resize of training on a camera's picture, in plain arithmetic that shares nothing with the front end. */
import type { Size } from '../../domain/frame.ts';
import type { Card } from '../../model/card.ts';

/** Weights of consecutive source pixels, from `start`, for each output pixel of an axis. */
interface Row {
  readonly start: number;
  readonly weights: readonly number[];
}

/**
 * From planar gbrp uint8 of any size to float32 [3, height, width] of the classifier's input,
 * R, G, B, clamped to 0 … 1; stretched, or cut out of the middle, as the card says.
 */
export function referenceImage(gbrp: Uint8Array, size: Size, { input, resize }: Card): Float32Array<ArrayBuffer> {
  const share = resize.fraction ?? 1;
  const scale = Math.min(size.width / input.width, size.height / input.height) * share;
  const crop = resize.fit === 'crop' ? { width: input.width * scale, height: input.height * scale } : size;
  const columns = rows(resize.kernel, size.width, crop.width, input.width);
  const lines = rows(resize.kernel, size.height, crop.height, input.height);
  const image = new Float32Array(3 * input.width * input.height);
  const area = size.width * size.height;
  // Planes lie in the order G, B, R.
  [2, 0, 1].forEach((plane, channel) => {
    const target = image.subarray(channel * input.width * input.height, (channel + 1) * input.width * input.height);
    resample(gbrp.subarray(plane * area, (plane + 1) * area), size.width, columns, lines, target);
  });
  return image;
}

function resample(
  plane: Uint8Array,
  stride: number,
  columns: readonly Row[],
  lines: readonly Row[],
  target: Float32Array,
): void {
  const line = new Float64Array(stride);
  lines.forEach(({ start, weights }, y) => {
    line.fill(0);
    weights.forEach((weight, i) => {
      const from = (start + i) * stride;
      for (let x = 0; x < stride; x++) line[x] = (line[x] ?? 0) + weight * (plane[from + x] ?? 0);
    });
    columns.forEach(({ start: left, weights: taps }, x) => {
      let sum = 0;
      for (let i = 0; i < taps.length; i++) sum += (taps[i] ?? 0) * (line[left + i] ?? 0);
      target[y * columns.length + x] = Math.min(1, Math.max(0, sum / 255));
    });
  });
}

/** `cropped` of `length` pixels, from the middle, to `count`. Taps beyond the border fall on the last pixel. */
function rows(kernel: Card['resize']['kernel'], length: number, cropped: number, count: number): readonly Row[] {
  const offset = (length - cropped) / 2;
  const scale = cropped / count;
  return Array.from({ length: count }, (_, i) => {
    const centre = offset + (i + 0.5) * scale;
    const [reach, weight] = shapes[kernel](scale);
    const first = Math.floor(centre - reach - 0.5);
    const last = Math.ceil(centre + reach - 0.5);
    const clamp = (x: number) => Math.min(length - 1, Math.max(0, x));
    const weights = new Array<number>(clamp(last) - clamp(first) + 1).fill(0);
    for (let x = first; x <= last; x++) {
      const at = clamp(x) - clamp(first);
      weights[at] = (weights[at] ?? 0) + weight(x + 0.5 - centre);
    }
    const sum = weights.reduce((total, value) => total + value, 0);
    return { start: clamp(first), weights: weights.map((value) => value / sum) };
  });
}

type Shape = readonly [reach: number, weight: (distance: number) => number];

const triangle = (x: number) => Math.max(0, 1 - Math.abs(x));

/** Keys' cubic, a = −0.5. */
function cubic(signed: number): number {
  const x = Math.abs(signed);
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

/** By source pixels per output pixel; antialiased kernels never shrink below their own width. */
const shapes: Readonly<Record<Card['resize']['kernel'], (scale: number) => Shape>> = {
  /** The share of the pixel that lies in the block; where it enlarges, linear interpolation, as OpenCV's. */
  area: (scale) =>
    scale <= 1
      ? [1, triangle]
      : [scale / 2 + 0.5, (x) => Math.max(0, Math.min(x + 0.5, scale / 2) - Math.max(x - 0.5, -scale / 2))],
  /** The pixel that the centre lies in. */
  nearest: () => [0.5, (x) => (x > -0.5 && x <= 0.5 ? 1 : 0)],
  bilinear: () => [1, triangle],
  triangle: (scale) => [Math.max(1, scale), (x) => triangle(x / Math.max(1, scale))],
  bicubic: (scale) => [2 * Math.max(1, scale), (x) => cubic(x / Math.max(1, scale))],
};
