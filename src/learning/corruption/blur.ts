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

/**
 * Each row with a symmetric kernel, given by its middle and one side. Four neighbours at a time: what one of them has
 * read the next one reads, so that a tap costs two loads for all four.
 */
function blurredRows(plane: Plane, width: number, height: number, half: Float64Array): Plane {
  const radius = half.length - 1;
  const middle = half[0] ?? 0;
  const padded = new Float64Array(width + 2 * radius + 4);
  const sums = new Float64Array(width + 3);
  const result = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const row = plane.subarray(y * width, (y + 1) * width);
    padded.fill(row[0] ?? 0, 0, radius);
    padded.set(row, radius);
    padded.fill(row[width - 1] ?? 0, radius + width);
    for (let x = 0; x < width; x += 4) {
      const at = x + radius;
      let l0 = padded[at] ?? 0;
      let l1 = padded[at + 1] ?? 0;
      let l2 = padded[at + 2] ?? 0;
      let l3 = padded[at + 3] ?? 0;
      let r0 = l0;
      let r1 = l1;
      let r2 = l2;
      let r3 = l3;
      let s0 = middle * l0;
      let s1 = middle * l1;
      let s2 = middle * l2;
      let s3 = middle * l3;
      for (let k = 1; k <= radius; k++) {
        const tap = half[k] ?? 0;
        l3 = l2;
        l2 = l1;
        l1 = l0;
        l0 = padded[at - k] ?? 0;
        r0 = r1;
        r1 = r2;
        r2 = r3;
        r3 = padded[at + 3 + k] ?? 0;
        s0 += tap * (l0 + r0);
        s1 += tap * (l1 + r1);
        s2 += tap * (l2 + r2);
        s3 += tap * (l3 + r3);
      }
      sums[x] = s0;
      sums[x + 1] = s1;
      sums[x + 2] = s2;
      sums[x + 3] = s3;
    }
    result.set(sums.subarray(0, width), y * width);
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
  const weights = Float64Array.from(raw, (value) => value / sum);
  const stride = width + 2 * length + 3;
  return eachPlane(picture, (plane) => {
    const padded = new Float64Array(stride * height);
    for (let y = 0; y < height; y++) {
      const row = plane.subarray(y * width, (y + 1) * width);
      padded.fill(row[0] ?? 0, y * stride, y * stride + length);
      padded.set(row, y * stride + length);
      padded.fill(row[width - 1] ?? 0, y * stride + length + width, (y + 1) * stride);
    }
    const starts = new Int32Array(length);
    const sums = new Float64Array(width + 3);
    const result = new Float32Array(plane.length);
    for (let y = 0; y < height; y++) {
      for (let i = 0; i < length; i++) {
        const row = Math.min(height - 1, Math.max(0, y + Math.round(i * Math.sin(angle))));
        starts[i] = row * stride + length + Math.round(i * Math.cos(angle));
      }
      // Four neighbours share the look-up of a tap.
      for (let x = 0; x < width; x += 4) {
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let i = 0; i < length; i++) {
          const weight = weights[i] ?? 0;
          const at = (starts[i] ?? 0) + x;
          s0 += weight * (padded[at] ?? 0);
          s1 += weight * (padded[at + 1] ?? 0);
          s2 += weight * (padded[at + 2] ?? 0);
          s3 += weight * (padded[at + 3] ?? 0);
        }
        sums[x] = s0;
        sums[x + 1] = s1;
        sums[x + 2] = s2;
        sums[x + 3] = s3;
      }
      result.set(sums.subarray(0, width), y * width);
    }
    return result;
  });
}
