/** Blur of optics and motion. Beyond the border lies the nearest pixel. */
import { eachPlane, type Picture, type Plane } from './picture.ts';

/** Normalised samples of a Gaussian of the deviation σ pixels, cut off at 4σ; separable. */
export function gaussianBlur(picture: Picture, deviation: number): Picture {
  const radius = Math.max(1, Math.round(4 * deviation));
  const half = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / deviation) ** 2));
  const sum = half.reduce((total, value) => total + 2 * value, -(half[0] ?? 0));
  const taps = half.map((value) => value / sum);
  const { width, height } = picture;
  return eachPlane(picture, (plane) =>
    transposed(
      blurredRows(transposed(blurredRows(plane, width, height, taps), width, height), height, width, taps),
      height,
      width,
    ),
  );
}

/** Each row with a symmetric kernel, given by its middle and one side. */
function blurredRows(plane: Plane, width: number, height: number, half: Float64Array): Plane {
  const radius = half.length - 1;
  const padded = new Float32Array(width + 2 * radius);
  const result = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const row = plane.subarray(y * width, (y + 1) * width);
    padded.fill(row[0] ?? 0, 0, radius);
    padded.set(row, radius);
    padded.fill(row[width - 1] ?? 0, radius + width);
    for (let x = 0; x < width; x++) {
      const centre = x + radius;
      let sum = (half[0] ?? 0) * (padded[centre] ?? 0);
      for (let k = 1; k <= radius; k++) sum += (half[k] ?? 0) * ((padded[centre - k] ?? 0) + (padded[centre + k] ?? 0));
      result[y * width + x] = sum;
    }
  }
  return result;
}

function transposed(plane: Plane, width: number, height: number): Plane {
  const result = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) result[x * height + y] = plane[y * width + x] ?? 0;
  return result;
}

/**
 * The mean over a disk of the radius r pixels around each pixel, as a lens out of focus makes it:
 * each row of the disk is a box whose ends may lie within a pixel.
 */
export function defocusBlur(picture: Picture, radius: number): Picture {
  const { width, height } = picture;
  const reach = Math.floor(radius);
  const halfWidths = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.sqrt(radius ** 2 - (i - reach) ** 2));
  const area = halfWidths.reduce((sum, half) => sum + 2 * half, 0);
  return eachPlane(picture, (plane) => {
    const margin = reach + 2;
    const integrals = rowIntegrals(plane, width, height, margin);
    const stride = width + 2 * margin + 1;
    const result = new Float32Array(plane.length);
    for (let y = 0; y < height; y++) {
      for (let row = 0; row < halfWidths.length; row++) {
        const start = Math.min(height - 1, Math.max(0, y + row - reach)) * stride;
        const half = halfWidths[row] ?? 0;
        // The box from x + 0.5 − half to x + 0.5 + half, shifted by the margin.
        const left = margin + 0.5 - half;
        const right = margin + 0.5 + half;
        const [l, r] = [Math.floor(left), Math.floor(right)];
        const [lPart, rPart] = [left - l, right - r];
        for (let x = 0; x < width; x++) {
          const a = start + x + l;
          const b = start + x + r;
          const upTo = (integrals[b] ?? 0) * (1 - rPart) + (integrals[b + 1] ?? 0) * rPart;
          const before = (integrals[a] ?? 0) * (1 - lPart) + (integrals[a + 1] ?? 0) * lPart;
          result[y * width + x] = (result[y * width + x] ?? 0) + upTo - before;
        }
      }
    }
    return result.map((sum) => sum / area);
  });
}

/** integral[i] of a row: the sum of its first i pixels, with `margin` pixels repeated on both sides. */
function rowIntegrals(plane: Plane, width: number, height: number, margin: number): Float64Array {
  const stride = width + 2 * margin + 1;
  const integrals = new Float64Array(stride * height);
  for (let y = 0; y < height; y++) {
    let sum = 0;
    for (let i = 0; i < stride - 1; i++) {
      const x = Math.min(width - 1, Math.max(0, i - margin));
      sum += plane[y * width + x] ?? 0;
      integrals[y * stride + i + 1] = sum;
    }
  }
  return integrals;
}

/**
 * Σ wᵢ x(p + i·(cos θ, sin θ)), wᵢ ∝ exp(−i² / 2σ²), i = 0 … 2·radius: a fading trace.
 *
 * `angle` in radians. Reference: ImageMagick's motion blur, as ImageNet-C `motion_blur` uses it.
 */
export function motionBlur(picture: Picture, radius: number, deviation: number, angle: number): Picture {
  const { width, height } = picture;
  const length = 2 * Math.ceil(radius) + 1;
  const raw = Array.from({ length }, (_, i) => Math.exp(-(i ** 2) / (2 * deviation ** 2)));
  const sum = raw.reduce((total, value) => total + value, 0);
  return eachPlane(picture, (plane) => {
    const result = new Float32Array(plane.length);
    raw.forEach((value, i) => {
      const weight = value / sum;
      const dx = Math.round(i * Math.cos(angle));
      const dy = Math.round(i * Math.sin(angle));
      for (let y = 0; y < height; y++) {
        const start = Math.min(height - 1, Math.max(0, y + dy)) * width;
        for (let x = 0; x < width; x++) {
          const from = plane[start + Math.min(width - 1, Math.max(0, x + dx))] ?? 0;
          result[y * width + x] = (result[y * width + x] ?? 0) + weight * from;
        }
      }
    });
    return result;
  });
}
