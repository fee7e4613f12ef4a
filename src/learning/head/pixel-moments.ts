/** What a photograph's pixels contribute to the statistics of training. */

/** Lags of the autocovariance along each axis: 0 to 6 pixels. */
export const lags = 7;

/** Mean of R, G, B; E[xᵢxⱼ] row by row; for each lag E[Y·Y′], then for each lag (E[Y] + E[Y′]) / 2. */
export const pixelMomentCount = 3 + 9 + 2 * lags * lags;

/**
 * Moments of an image [3, height, width] in [0, 1]. They average over photographs of one size, so
 * statistics of a set are made from means of these.
 */
export function pixelMoments(image: Float32Array, width: number, height: number): Float32Array<ArrayBuffer> {
  const count = width * height;
  const channels = [0, 1, 2].map((channel) => image.subarray(channel * count, (channel + 1) * count));
  const moments = new Float32Array(pixelMomentCount);
  channels.forEach((a, i) => {
    moments[i] = meanOf(a);
    channels.forEach((b, j) => (moments[3 + 3 * i + j] = meanProduct(a, b)));
  });
  luminanceMoments(luminance(channels), width, height, moments.subarray(12));
  return moments;
}

/** Y = 0.299 R + 0.587 G + 0.114 B (BT.601). */
function luminance([red, green, blue]: readonly Float32Array[]): Float32Array {
  return Float32Array.from(
    red ?? [],
    (value, i) => 0.299 * value + 0.587 * (green?.[i] ?? NaN) + 0.114 * (blue?.[i] ?? NaN),
  );
}

function luminanceMoments(y: Float32Array, width: number, height: number, into: Float32Array): void {
  for (let down = 0; down < lags; down++) {
    for (let right = 0; right < lags; right++) {
      let product = 0;
      let sum = 0;
      for (let row = 0; row + down < height; row++) {
        const from = row * width;
        const shifted = from + down * width + right;
        for (let column = 0; column < width - right; column++) {
          const a = y[from + column] ?? NaN;
          const b = y[shifted + column] ?? NaN;
          product += a * b;
          sum += a + b;
        }
      }
      const count = Math.max(1, (height - down) * (width - right));
      into[down * lags + right] = product / count;
      into[lags * lags + down * lags + right] = sum / (2 * count);
    }
  }
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function meanProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum / a.length;
}
