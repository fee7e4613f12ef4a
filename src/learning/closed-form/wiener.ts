/** The least-squares denoiser that fits into the first convolution, from the frames' own autocovariance. */
import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Autocovariance } from './autocovariance.ts';

const side = 7;
const perChannel = side * side;
const size = 3 * perChannel;

/** Share of the mean variance that every combination of pixels has: rounding to bytes alone makes that much. */
const smallestShare = 1e-5;

/**
 * The front end whose first convolution estimates what it would give for frames without their noise.
 *
 * With S the covariance of the 147 clean pixels under a kernel, N that of their noise (white in
 * place, any covariance of channels) and k a kernel, the estimate of k·x from x + noise with the least
 * squared error is `(S + N)⁻¹ S k`. All three channels are averaged over: noise is each channel's own,
 * whereas the picture is mostly common to them. Each kernel is then scaled to its old sum, so that greys
 * keep their brightness.
 *
 * Reference: Wiener 1949; the noise is read from the jump of the autocovariance at distance 0.
 */
export function denoised(weights: AdapterWeights, autocovariance: Autocovariance): AdapterWeights {
  const noise = noiseMatrix(noiseCovariance(autocovariance));
  const observed = covariance(autocovariance);
  const least = (smallestShare * observed.trace()) / size;
  const clean = raised(Matrix.sub(observed, noise), least);
  const filters = solve(Matrix.add(clean, noise), clean.mmul(kernelColumns(weights.conv1Weight)));
  const conv1Weight = new Float32Array(weights.conv1Weight.length);
  for (let output = 0; output < 3; output++) {
    const [start, end] = [output * size, (output + 1) * size];
    const filter = filters.getColumn(output);
    const scale = sumOf(weights.conv1Weight.subarray(start, end)) / sumOf(filter);
    conv1Weight.set(
      filter.map((value) => value * scale),
      start,
    );
  }
  return { ...weights, conv1Weight };
}

/** Of the channels' noise, from the jump at distance 0 over the line through distances 1 and 2. */
export function noiseCovariance(autocovariance: Autocovariance): number[][] {
  return [0, 1, 2].map((c) =>
    [0, 1, 2].map((d) => {
      const along = (dy: number, dx: number) =>
        2 * autocovariance.at(c, d, dy, dx) - autocovariance.at(c, d, 2 * dy, 2 * dx);
      const signal = (along(0, 1) + along(1, 0) + along(0, -1) + along(-1, 0)) / 4;
      return autocovariance.at(c, d, 0, 0) - signal;
    }),
  );
}

/** Share of the green channel's variance that is noise; 0 to 1. */
export function noiseShare(autocovariance: Autocovariance): number {
  return Math.max(0, noiseCovariance(autocovariance)[1]?.[1] ?? 0) / autocovariance.at(1, 1, 0, 0);
}

/** [147, 147]: channel by channel, row by row; nothing between different places. */
function noiseMatrix(channels: readonly (readonly number[])[]): Matrix {
  const possible = raised(new Matrix(channels.map((row) => [...row])), 0);
  return possible.kroneckerProduct(Matrix.eye(perChannel));
}

/** [147, 147], in the same order. */
function covariance(autocovariance: Autocovariance): Matrix {
  const matrix = Matrix.zeros(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const [c, d] = [Math.floor(i / perChannel), Math.floor(j / perChannel)];
      const dy = Math.floor((j % perChannel) / side) - Math.floor((i % perChannel) / side);
      const value = autocovariance.at(c, d, dy, (j % side) - (i % side));
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  }
  return matrix;
}

/** The nearest symmetric matrix without eigenvalues below `least`: estimates of covariances can have some. */
function raised(matrix: Matrix, least: number): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  return vectors.mmul(Matrix.diag(values.map((value) => Math.max(value, least)))).mmul(vectors.transpose());
}

/** One column for each output channel. */
function kernelColumns(conv1Weight: Float32Array): Matrix {
  return new Matrix(
    Array.from({ length: size }, (_, i) => [0, 1, 2].map((output) => conv1Weight[output * size + i] ?? NaN)),
  );
}

function sumOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}
