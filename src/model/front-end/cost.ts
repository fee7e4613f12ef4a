/**
 * What a convolution costs on a CPU: its multiply-accumulates, weighed by how quickly onnxruntime's kernels do them.
 *
 * Measured with AVX2 and AVX-512 (`npm run bench:front-end`); only their ratios matter.
 */

/** The kernels compute this many channels at once, or twice as many: zero channels fill what is left. */
const vector = 8;

/** With fewer than three vectors at once the multipliers wait for their own results. */
const waiting = [1, 2.5, 1.33];

/** What lies under each place of the kernel is laid out in memory first, and then multiplied by three rows of weights. */
const laidOut = 5;

/** A weight for each channel: as many loads as products. */
const depthwise = 3;

export function wholeVectors(channels: number): number {
  return Math.ceil(channels / vector) * vector;
}

/** Of one step of a kernel with many output channels. */
export function blockedCost(outputs: number, inputs: number, taps: number): number {
  const channels = wholeVectors(outputs);
  return channels * inputs * taps * (waiting[channels / vector] ?? 1);
}

/** Of one step of a kernel of three colours to three. */
export function plainCost(taps: number): number {
  return 9 * taps * laidOut;
}

export function depthwiseCost(channels: number, taps: number): number {
  return wholeVectors(channels) * taps * depthwise;
}
