/** Whether a front end sees anything: what it makes of pictures of one colour. */
import type { AdapterWeights } from './adapter.ts';

const largestFloat = (2 - 2 ** -23) * 2 ** 127;

/**
 * Throws where a picture could become more than a float32 holds, and where white, grey and black all
 * become the same: then no picture tells the classifier anything.
 */
export function assertSees(weights: AdapterWeights): void {
  const most = Math.max(...largestPixel(weights));
  if (!(most <= largestFloat)) {
    throw new Error(`its values must give finite pixels, they can add up to ${most.toExponential(0)}`);
  }
  const [white, grey, black] = [flatPixel(weights, 1), flatPixel(weights, 0.5), flatPixel(weights, 0)];
  if (differ(white, black) || differ(grey, black)) return;
  const colour = white.map((value) => value.toPrecision(3)).join(', ');
  throw new Error(`white, grey and black must differ in what it makes of them, all become (${colour})`);
}

/** By more than the order of adding does. */
function differ(first: readonly number[], second: readonly number[]): boolean {
  return first.some((value, i) => Math.abs(value - (second[i] ?? NaN)) > 1e-6 * Math.max(1, Math.abs(value)));
}

/**
 * R, G, B of every pixel away from the border, for a picture whose channels are `brightness` everywhere, 0 to 1.
 *
 * mₖ = max(0, b¹ₖ + brightness · Σ W¹ₖ), yₒ = max(0, b²ₒ + Σₖ mₖ · Σ W²ₒₖ)
 */
export function flatPixel({ conv1Weight, conv1Bias, conv2Weight, conv2Bias }: AdapterWeights, brightness: number) {
  const middle = channels.map((k) => relu((conv1Bias[k] ?? NaN) + brightness * sum(conv1Weight, k, 147)));
  return channels.map((o) =>
    relu(
      channels.reduce((total, k) => total + (middle[k] ?? NaN) * sum(conv2Weight, 3 * o + k, 9), conv2Bias[o] ?? NaN),
    ),
  );
}

/** More than any sum inside of the front end can come to, whatever the picture and the order of adding. */
function largestPixel(weights: AdapterWeights): readonly number[] {
  const { conv1Weight, conv1Bias, conv2Weight, conv2Bias } = weights;
  const magnitudes = {
    conv1Weight: conv1Weight.map(Math.abs),
    conv1Bias: conv1Bias.map(Math.abs),
    conv2Weight: conv2Weight.map(Math.abs),
    conv2Bias: conv2Bias.map(Math.abs),
  };
  const between = channels.map((k) => (magnitudes.conv1Bias[k] ?? NaN) + sum(magnitudes.conv1Weight, k, 147));
  return [...between, ...flatPixel(magnitudes, 1)];
}

const channels = [0, 1, 2] as const;

function relu(value: number): number {
  return Math.max(0, value);
}

/** Of the part with this number, of so many values. */
function sum(values: Float32Array, part: number, length: number): number {
  return values.subarray(part * length, (part + 1) * length).reduce((total, value) => total + value, 0);
}
