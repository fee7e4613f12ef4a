/** A few of many, evenly over all of them. */

/**
 * `count` of the indices 0 … total − 1 in rising order, one at random out of each of `count` equal
 * stretches; all of them where there are no more than that.
 */
export function spread(total: number, count: number, random: () => number): number[] {
  if (count >= total) return Array.from({ length: total }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * total) / count);
    const end = Math.floor(((i + 1) * total) / count);
    return start + Math.floor(random() * (end - start));
  });
}

/** At most so many of the items, evenly from first to last. */
export function spreadOver(items: readonly number[], most: number): number[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] ?? NaN);
}

/** `count` shared out in proportion to the extents, whole numbers that sum to it (largest remainders). */
export function shares(extents: readonly number[], count: number): number[] {
  const sum = extents.reduce((total, extent) => total + extent, 0);
  const exact = extents.map((extent) => (count * extent) / sum);
  const whole = exact.map(Math.floor);
  const missing = count - whole.reduce((total, share) => total + share, 0);
  const byRemainder = exact
    .map((share, i) => ({ i, remainder: share - Math.floor(share) }))
    .toSorted((a, b) => b.remainder - a.remainder);
  for (const { i } of byRemainder.slice(0, missing)) whole[i] = (whole[i] ?? 0) + 1;
  return whole;
}
