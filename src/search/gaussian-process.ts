/** Regression by a Gaussian process, as scikit-learn's with a Matérn 5/2 kernel. */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { RandomSource } from './mersenne-twister.ts';
import { minimizeBounded } from './minimize-bounded.ts';

type Point = readonly number[];

export interface Prediction {
  readonly mean: number;
  readonly std: number;
  /** Of the mean, by coordinate. */
  readonly meanGradient: readonly number[];
  /** Of the standard deviation; zeros where that is 0. */
  readonly stdGradient: readonly number[];
}

export interface GaussianProcess {
  readonly lengthScale: number;
  /** Of the normalised observations, at `lengthScale`. */
  readonly logMarginalLikelihood: number;
  predict(point: Point): Prediction;
}

export interface GaussianProcessOptions {
  /** Added to the covariance's diagonal: variance of the noise, in normalised units. */
  readonly alpha?: number;
  /** Searches for the length scale beyond the one from 1. */
  readonly restarts?: number;
  readonly random: RandomSource;
}

const logScaleBounds = [Math.log(1e-5), Math.log(1e5)] as const;

/**
 * Fits a zero-mean process to observations that are normalised to mean 0 and deviation 1. The one
 * length scale is that of the greatest marginal likelihood, sought from 1 and from `restarts`
 * log-uniform starts in [1e-5, 1e5].
 *
 * `x`: n points of d coordinates, n ≥ 1; `y`: n finite values. Predictions are in units of `y`.
 *
 * Reference: Rasmussen and Williams, algorithm 2.1; scikit-learn's GaussianProcessRegressor
 * (normalize_y, alpha, n_restarts_optimizer).
 */
export function fitGaussianProcess(
  x: readonly Point[],
  y: readonly number[],
  { alpha = 1e-4, restarts = 20, random }: GaussianProcessOptions,
): GaussianProcess {
  const { mean, deviation, normalised } = normalise(y);
  const distances = pairwiseDistances(x);
  const loss = ([theta = 0]: readonly number[]) => {
    const { value, gradient } = logMarginalLikelihood(distances, normalised, theta, alpha);
    return { value: -value, gradient: [-gradient] };
  };
  const [low, high] = logScaleBounds;
  const starts = [0, ...Array.from({ length: restarts }, () => low + (high - low) * random.random())];
  const fits = starts.map((start) => minimizeBounded(loss, [start], [logScaleBounds], 1e-5));
  const best = fits.reduce((a, b) => (b.value < a.value ? b : a));
  const lengthScale = Math.exp(best.x[0] ?? 0);
  const factor = new CholeskyDecomposition(covariance(distances, lengthScale, alpha));
  const weights = factor.solve(Matrix.columnVector(normalised)).to1DArray();
  const precision = factor.solve(Matrix.eye(x.length));
  return {
    lengthScale,
    logMarginalLikelihood: -best.value,
    predict: (point) => predictAt(point, x, lengthScale, weights, precision, mean, deviation),
  };
}

/**
 * `log p(y | x) = −½ yᵀK⁻¹y − Σ log Lᵢᵢ − ½ n log 2π` and its derivative by the log length scale,
 * `½ tr((ααᵀ − K⁻¹) ∂K/∂θ)`. `−Infinity` where the covariance is not positive definite.
 */
export function logMarginalLikelihood(
  distances: Matrix,
  y: readonly number[],
  logLengthScale: number,
  alpha: number,
): { value: number; gradient: number } {
  const lengthScale = Math.exp(logLengthScale);
  const factor = new CholeskyDecomposition(covariance(distances, lengthScale, alpha));
  if (!factor.isPositiveDefinite()) return { value: -Infinity, gradient: 0 };
  const weights = factor.solve(Matrix.columnVector([...y])).to1DArray();
  const precision = factor.solve(Matrix.eye(y.length));
  const lower = factor.lowerTriangularMatrix;
  let value = -0.5 * y.length * Math.log(2 * Math.PI);
  let gradient = 0;
  for (let i = 0; i < y.length; i++) {
    value -= 0.5 * (y[i] ?? 0) * (weights[i] ?? 0) + Math.log(lower.get(i, i));
    for (let j = 0; j < y.length; j++) {
      const slope = matern52LogScaleDerivative(distances.get(i, j), lengthScale);
      gradient += 0.5 * ((weights[i] ?? 0) * (weights[j] ?? 0) - precision.get(i, j)) * slope;
    }
  }
  return { value, gradient };
}

/** Euclidean distances between all points: n × n. */
export function pairwiseDistances(x: readonly Point[]): Matrix {
  const distances = Matrix.zeros(x.length, x.length);
  x.forEach((a, i) => x.forEach((b, j) => distances.set(i, j, distance(a, b))));
  return distances;
}

function normalise(y: readonly number[]): { mean: number; deviation: number; normalised: number[] } {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length;
  const deviation = Math.sqrt(variance) || 1;
  return { mean, deviation, normalised: y.map((value) => (value - mean) / deviation) };
}

function covariance(distances: Matrix, lengthScale: number, alpha: number): Matrix {
  const result = Matrix.zeros(distances.rows, distances.rows);
  for (let i = 0; i < distances.rows; i++) {
    for (let j = 0; j < distances.rows; j++) {
      result.set(i, j, matern52(distances.get(i, j), lengthScale) + (i === j ? alpha : 0));
    }
  }
  return result;
}

function predictAt(
  point: Point,
  x: readonly Point[],
  lengthScale: number,
  weights: readonly number[],
  precision: Matrix,
  mean: number,
  deviation: number,
): Prediction {
  const away = x.map((known) => distance(point, known));
  const k = away.map((d) => matern52(d, lengthScale));
  const solved = k.map((_, i) => k.reduce((sum, value, j) => sum + precision.get(i, j) * value, 0));
  const std = Math.sqrt(Math.max(0, 1 - dot(k, solved)));
  const slopes = away.map((d) => matern52PositionFactor(d, lengthScale));
  const along = (factors: readonly number[]) =>
    point.map((value, axis) =>
      x.reduce((sum, known, i) => sum + (factors[i] ?? 0) * (slopes[i] ?? 0) * (value - (known[axis] ?? 0)), 0),
    );
  return {
    mean: mean + deviation * dot(k, weights),
    std: deviation * std,
    meanGradient: along(weights).map((value) => deviation * value),
    stdGradient: along(solved).map((value) => (std === 0 ? 0 : (-deviation * value) / std)),
  };
}

function distance(a: Point, b: Point): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

/**
 * The Matérn 5/2 covariance, twice differentiable, the usual choice for objectives:
 * `k(d) = (1 + t + t²/3) · exp(−t)`, `t = √5 · d / l`. `distance` ≥ 0, `lengthScale` > 0; 1 at 0.
 *
 * Reference: Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 4.17
 */
function matern52(distance: number, lengthScale: number): number {
  const t = (Math.sqrt(5) * distance) / lengthScale;
  return (1 + t + (t * t) / 3) * Math.exp(-t);
}

/** `∂k / ∂log l = t² (1 + t) · exp(−t) / 3`. */
function matern52LogScaleDerivative(distance: number, lengthScale: number): number {
  const t = (Math.sqrt(5) * distance) / lengthScale;
  return ((t * t * (1 + t)) / 3) * Math.exp(-t);
}

/** `∂k / ∂x` is this times `x − x′`: `−5 (1 + t) · exp(−t) / (3 l²)`. */
function matern52PositionFactor(distance: number, lengthScale: number): number {
  const t = (Math.sqrt(5) * distance) / lengthScale;
  return (-5 * (1 + t) * Math.exp(-t)) / (3 * lengthScale * lengthScale);
}
