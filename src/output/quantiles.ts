export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Values outside are counted at the edge; in seconds it is a microsecond to a day. */
const smallest = 1e-6;
const largest = 1e5;

/** Half the width of a bucket, relative. */
export const relativeError = 0.01;

/**
 * Quantiles of positive values in bounded memory: 10 KB, however many values there are.
 *
 * Bucket i holds the values in (γ^(i−1), γ^i], γ = (1 + e) / (1 − e); its estimate 2γ^i / (γ + 1)
 * is off by at most e = 1 %, relative, for values from 1e-6 to 1e5. Count, mean and maximum are exact.
 *
 * Reference: C. Masson, J. Rim, H. Lee, "DDSketch", arXiv 1908.10693, with a fixed range.
 */
export class QuantileSketch {
  readonly #counts = new Float64Array(bucketOf(largest) + 1);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Adds a value; one that is negative counts as 0, one that is not a number is left out. */
  record(value: number): void {
    if (Number.isNaN(value)) return;
    const positive = Math.max(0, value);
    const bucket = bucketOf(positive);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += positive;
    this.#min = Math.min(this.#min, positive);
    this.#max = Math.max(this.#max, positive);
  }

  /** The value below which the part `q` (0 to 1) of all values lies; 0 when there are none. */
  quantile(q: number): number {
    if (this.#count === 0) return 0;
    const rank = q * (this.#count - 1);
    let below = 0;
    let bucket = -1;
    while (below <= rank && bucket + 1 < this.#counts.length) below += this.#counts[++bucket] ?? 0;
    return Math.min(this.#max, Math.max(this.#min, estimate(bucket)));
  }

  quantiles(): Quantiles {
    return {
      count: this.#count,
      mean: this.#count > 0 ? this.#sum / this.#count : 0,
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p99: this.quantile(0.99),
      max: this.#max,
    };
  }

  /** Forgets all values, for quantiles of the time since. */
  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Infinity;
    this.#max = 0;
  }
}

function logGamma(): number {
  return Math.log((1 + relativeError) / (1 - relativeError));
}

function bucketOf(value: number): number {
  const within = Math.min(largest, Math.max(smallest, value));
  return Math.ceil(Math.log(within / smallest) / logGamma());
}

function estimate(bucket: number): number {
  return smallest * Math.exp(bucket * logGamma()) * (1 - relativeError);
}
