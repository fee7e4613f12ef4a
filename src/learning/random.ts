/** Random numbers that a seed repeats, fast enough for one per pixel. */

export interface Random {
  /** Uniform in [0, 1), of 32 bits. */
  readonly uniform: () => number;
  /** Standard normal. */
  readonly normal: () => number;
  /** Poisson with the given mean ≥ 0; meant for means up to some hundreds. */
  readonly poisson: (mean: number) => number;
}

/**
 * Equal seeds and streams give equal numbers; different streams of one seed are independent.
 *
 * Reference: sfc32 of PractRand (Doty-Humphrey); Marsaglia's polar method; Poisson by inversion.
 */
export function seededRandom(seed: number, stream = 0): Random {
  const uniform = sfc32(seed, stream);
  let spare: number | undefined;
  return {
    uniform,
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const u = 2 * uniform() - 1;
        const v = 2 * uniform() - 1;
        const square = u * u + v * v;
        if (square >= 1 || square === 0) continue;
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        spare = v * factor;
        return u * factor;
      }
    },
    poisson(mean) {
      let probability = Math.exp(-mean);
      let left = uniform() - probability;
      let count = 0;
      // The terms sum to one only up to rounding: what is left over is beyond every real count.
      while (left >= 0 && count < 1000) {
        count++;
        probability *= mean / count;
        left -= probability;
      }
      return count;
    },
  };
}

function sfc32(seed: number, stream: number): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = stream | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}
