/** Which part of a tensor's values is represented: of a histogram, the range that is quantised. */
import { affineOf, rounded, type Range } from './affine.ts';

export const rangeMethods = ['min-max', 'percentile', 'entropy', 'squared-error'] as const;
export type RangeMethod = (typeof rangeMethods)[number];

/** Equal bins from `low` to `high`. */
export class Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;

  constructor({ low, high }: Range, bins = 2048) {
    this.low = Math.min(low, 0);
    this.high = Math.max(high, 0, this.low + 1e-12);
    this.counts = new Float64Array(bins);
  }

  /** Values outside count for the bin at the end. */
  add(values: Float32Array): void {
    const { counts, low } = this;
    const last = counts.length - 1;
    const perUnit = counts.length / (this.high - low);
    for (const value of values) {
      const bin = Math.min(last, Math.max(0, Math.floor((value - low) * perUnit)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }

  /** The value in the middle of a bin. */
  middle(bin: number): number {
    return this.low + ((bin + 0.5) * (this.high - this.low)) / this.counts.length;
  }
}

/** Each range lies in the histogram's and holds 0. */
export function rangeOf(histogram: Histogram, method: RangeMethod): Range {
  switch (method) {
    case 'min-max':
      return { low: histogram.low, high: histogram.high };
    case 'percentile':
      return percentileRange(histogram, 0.9999);
    case 'entropy':
      return leastOf(histogram, divergence);
    case 'squared-error':
      return leastOf(histogram, squaredError);
  }
}

/** What is left without the outermost values, both ends alike. */
export function percentileRange(histogram: Histogram, share: number): Range {
  const { counts, low, high } = histogram;
  const outside = ((1 - share) / 2) * counts.reduce((sum, count) => sum + count, 0);
  const width = (high - low) / counts.length;
  let [first, below] = [0, 0];
  while (first < counts.length - 1 && below + (counts[first] ?? 0) <= outside) below += counts[first++] ?? 0;
  let [last, above] = [counts.length - 1, 0];
  while (last > first && above + (counts[last] ?? 0) <= outside) above += counts[last--] ?? 0;
  return { low: Math.min(0, low + first * width), high: Math.max(0, low + (last + 1) * width) };
}

/** Both ends drawn in alike, in steps of 1/64; the widest of equals. */
function leastOf(histogram: Histogram, loss: (histogram: Histogram, range: Range) => number): Range {
  const { low, high } = histogram;
  let best = { range: { low, high }, loss: Infinity };
  for (let part = 64; part >= 16; part--) {
    const range = { low: (low * part) / 64, high: (high * part) / 64 };
    const value = loss(histogram, range);
    if (value < best.loss) best = { range, loss: value };
  }
  return best.range;
}

function squaredError(histogram: Histogram, range: Range): number {
  const affine = affineOf(range);
  return histogram.counts.reduce((sum, count, bin) => {
    if (count === 0) return sum;
    const value = histogram.middle(bin);
    return sum + count * (value - rounded(value, affine)) ** 2;
  }, 0);
}

/** Kullback-Leibler divergence of the quantised distribution from the clipped one (Migacz 2017). */
function divergence(histogram: Histogram, range: Range): number {
  const affine = affineOf(range);
  const { counts } = histogram;
  // Without the bin of 0, which is exact at any scale and, behind a rectifier, would outweigh all others.
  const nothing = Math.min(
    counts.length - 1,
    Math.floor((-histogram.low * counts.length) / (histogram.high - histogram.low)),
  );
  const inside = (value: number) => value >= range.low && value <= range.high;
  const level = (value: number) => Math.round(rounded(value, affine) / affine.scale) + affine.zero;
  const kept = Float64Array.from(counts, (count, bin) =>
    bin !== nothing && inside(histogram.middle(bin)) ? count : 0,
  );
  const clipped = Float64Array.from(kept);
  const [first, last] = [kept.findIndex((c) => c > 0), kept.findLastIndex((c) => c > 0)];
  if (first < 0) return Infinity;
  counts.forEach((count, bin) => {
    const value = histogram.middle(bin);
    if (bin === nothing) return;
    if (value < range.low) clipped[first] = (clipped[first] ?? 0) + count;
    else if (value > range.high) clipped[last] = (clipped[last] ?? 0) + count;
  });
  const [sums, filled] = [new Float64Array(256), new Float64Array(256)];
  kept.forEach((count, bin) => {
    if (count === 0) return;
    const q = level(histogram.middle(bin));
    sums[q] = (sums[q] ?? 0) + count;
    filled[q] = (filled[q] ?? 0) + 1;
  });
  const total = clipped.reduce((sum, count) => sum + count, 0);
  const keptTotal = kept.reduce((sum, count) => sum + count, 0);
  return clipped.reduce((sum, count, bin) => {
    if (count === 0) return sum;
    const q = level(histogram.middle(bin));
    const quantised = (sums[q] ?? 0) / (filled[q] ?? 1) / keptTotal;
    return quantised > 0 ? sum + (count / total) * Math.log(count / total / quantised) : sum;
  }, 0);
}
