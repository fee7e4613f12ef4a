/** Six decimals: microseconds, and less than a float32 knows. */
export function micro(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
