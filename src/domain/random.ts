/** Random numbers that a seed decides, for shuffling and drawing weights. */

export interface RandomNumbers {
  /** Uniform in [0, 1), of 32 bits. */
  next(): number;
  /** A new array with the items in another order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[];
}

/**
 * Mulberry32 by Tommy Ettinger: 32 bits of state, passes gjrand's tests; not for secrets.
 * Seeds that differ in their lower 32 bits give streams that differ.
 */
export function seededRandom(seed: number): RandomNumbers {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    shuffled<T>(items: readonly T[]): T[] {
      const order = [...items];
      for (let i = order.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [order[i], order[j]] = [order[j] as T, order[i] as T];
      }
      return order;
    },
  };
}
