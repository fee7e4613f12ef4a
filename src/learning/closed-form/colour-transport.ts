/** The linear map that gives one cloud of colours the mean and covariance of another. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { ColourStatistics } from '../statistics/feature-statistics.ts';
import type { ColourMap } from './colour-map.ts';

/** Variance of rounding to bytes, 0 to 1: a camera's colours cannot vary less and be seen. */
const roundingVariance = 1 / 12 / 255 ** 2;

/**
 * Optimal transport between normal distributions: of all maps with that mean and covariance, the
 * one that moves colours least.
 *
 * `M = C^(-1/2) (C^(1/2) C* C^(1/2))^(1/2) C^(-1/2)`, offset `μ* − Mμ`.
 *
 * Reference: Olkin and Pukelsheim 1982, doi 10.1016/0024-3795(82)90112-4; for colours Pitié and
 * Kokaram 2007, doi 10.1049/cp:20070055.
 */
export function colourTransport(from: ColourStatistics, to: ColourStatistics): ColourMap {
  const given = new Matrix(from.covariance.map((row) => [...row]));
  const wanted = new Matrix(to.covariance.map((row) => [...row]));
  const root = power(given, 0.5, roundingVariance);
  const inverse = power(given, -0.5, roundingVariance);
  const matrix = inverse.mmul(power(root.mmul(wanted).mmul(root), 0.5, 0)).mmul(inverse);
  const moved = matrix.mmul(Matrix.columnVector([...from.mean])).to1DArray();
  return { matrix: matrix.to2DArray(), offset: to.mean.map((value, i) => value - (moved[i] ?? NaN)) };
}

/** A power of a symmetric matrix; smaller eigenvalues count as `smallest`. */
function power(matrix: Matrix, exponent: number, smallest: number): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const powers = values.map((value) => Math.max(value, smallest) ** exponent);
  return vectors.mmul(Matrix.diag(powers)).mmul(vectors.transpose());
}
