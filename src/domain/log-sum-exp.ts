/** log Σ eˣ, without overflow; a loop, since a frame may have a thousand values. */
export function logSumExp(values: Iterable<number>): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
