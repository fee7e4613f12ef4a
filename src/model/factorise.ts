/** One axis of a resize as 7 taps, a stride, 3 taps and a stride: exactly where it can be, else by least squares. */
import { Matrix, solve } from 'ml-matrix';
import { filterOf, type Kernel } from './kernel.ts';
import { compositeTaps, product, reachBefore, samePads, taps, type Padding, type Strides } from './strides.ts';

export interface Factors {
  /** 7 taps of the first convolution; with `b` it passes constant pictures unchanged. */
  readonly a: readonly number[];
  /** 3 taps of the second, which sum to 1. */
  readonly b: readonly number[];
  readonly exact: boolean;
  /** Products of the filter h that results and of the target t under the images' correlation R. */
  readonly energy: { readonly own: number; readonly cross: number; readonly target: number };
}

/** Correlation of neighbouring pixels in natural images. */
const neighbourCorrelation = 0.97;

/** Squared error, relative to the signal's power, below which the rest is rounding. */
const exactBelow = 1e-20;

const sweeps = 60;

/** Taps below this are what the ridge leaves of zeros. */
const negligible = 1e-8;

/**
 * Finds a and b so that h = a ∗ up(b) is `kernel`'s filter t at the product of the strides.
 *
 * With b given, a minimises (h − t)ᵀ R (h − t), R_ij = ρ^|i−j|: a linear problem. Several b are
 * tried; where none is exact, both are solved in turn from each of them and the best is kept.
 */
export function factorise(kernel: Kernel, strides: Strides, padding: Padding): Factors {
  const problem = problemOf(kernel, strides, padding);
  const direct = starts(strides, padding).map((b) => solution(problem, solveFirst(problem, b), b));
  const exact = direct.find(({ error }) => error < exactBelow);
  if (exact !== undefined) return { ...exact, exact: padding === 'edge' || problem.insideBlock };
  const best = direct.reduce(better);
  const refined = starts(strides, padding).map((b) => alternate(problem, b));
  return { ...refined.reduce(better, best), exact: false };
}

interface Problem {
  readonly strides: Strides;
  /** The target on a window that holds it and the composite filter. */
  readonly target: Matrix;
  readonly correlation: Matrix;
  /** Place of the composite filter in the window. */
  readonly offset: number;
  /** Which taps of b may be used. */
  readonly free: readonly number[];
  /** The target reaches no pixel outside its own block, hence none outside the picture. */
  readonly insideBlock: boolean;
}

function problemOf(kernel: Kernel, strides: Strides, padding: Padding): Problem {
  const { start, weights } = filterOf(kernel, product(strides));
  const reach = reachBefore(strides, padding);
  const first = Math.min(-reach, start);
  const end = Math.max(compositeTaps(strides) - reach, start + weights.length);
  const target = Matrix.zeros(end - first, 1);
  weights.forEach((weight, i) => target.set(start - first + i, 0, weight));
  const correlation = Matrix.zeros(end - first, end - first);
  for (let i = 0; i < end - first; i++) {
    for (let j = 0; j < end - first; j++) correlation.set(i, j, neighbourCorrelation ** Math.abs(i - j));
  }
  const insideBlock = start >= 0 && start + weights.length <= product(strides);
  return { strides, target, correlation, offset: -reach - first, free: freeTaps(strides, padding), insideBlock };
}

/** With zero padding b must not reach beyond the samples between the convolutions: those are no pixels. */
function freeTaps(strides: Strides, padding: Padding): readonly number[] {
  const [, before] = samePads(strides);
  return [0, 1, 2].filter((k) => padding === 'edge' || (k >= before && k < before + strides[1]));
}

/** Simple b that make every kernel exact that can be, and are good starts for the others; the fewest lobes first. */
function starts(strides: Strides, padding: Padding): readonly (readonly number[])[] {
  const free = freeTaps(strides, padding);
  const shapes = [
    [1, 1, 1],
    [1, 1, 0],
    [1, 2, 1],
    [0, 1, 0],
    [1, 0, 0],
    [0, 1, 1],
    [0, 0, 1],
  ];
  return shapes
    .filter((shape) => shape.every((value, k) => value === 0 || free.includes(k)))
    .map((shape) => shape.map((value) => value / shape.reduce((a, b) => a + b)));
}

/** h as a linear map of a, with b fixed: one column per tap. */
function mapOfFirst({ strides: [first], target, offset }: Problem, b: readonly number[]): Matrix {
  const map = Matrix.zeros(target.rows, taps[0]);
  for (let l = 0; l < taps[0]; l++) b.forEach((value, k) => map.set(offset + l + first * k, l, value));
  return map;
}

/** h as a linear map of b's free taps, with a fixed. */
function mapOfSecond({ strides: [first], target, offset, free }: Problem, a: readonly number[]): Matrix {
  const map = Matrix.zeros(target.rows, free.length);
  free.forEach((k, column) => a.forEach((value, l) => map.set(offset + l + first * k, column, value)));
  return map;
}

/** Normal equations (MᵀRM) v = MᵀRt, the diagonal raised by a trifle so that unused taps become 0. */
function leastSquares({ correlation, target }: Problem, map: Matrix): number[] {
  const weighted = map.transpose().mmul(correlation);
  const normal = weighted.mmul(map);
  const ridge = 1e-13 * normal.trace();
  for (let i = 0; i < normal.rows; i++) normal.set(i, i, normal.get(i, i) + ridge);
  return solve(normal, weighted.mmul(target)).to1DArray();
}

function solveFirst(problem: Problem, b: readonly number[]): number[] {
  return leastSquares(problem, mapOfFirst(problem, b));
}

function solveSecond(problem: Problem, a: readonly number[]): number[] {
  const values = leastSquares(problem, mapOfSecond(problem, a));
  return [0, 1, 2].map((k) => values[problem.free.indexOf(k)] ?? 0);
}

type Solution = Omit<Factors, 'exact'> & { readonly error: number };

function alternate(problem: Problem, start: readonly number[]): Solution {
  let b = start;
  let a = solveFirst(problem, b);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    b = solveSecond(problem, a);
    a = solveFirst(problem, b);
  }
  return solution(problem, a, b);
}

/** Scales both so that b and the whole sum to 1 (a flat picture stays as it is), and measures the error. */
function solution(problem: Problem, a: readonly number[], b: readonly number[]): Solution {
  const gain = sum(b);
  const unitB = b.map((value) => value / gain);
  const cleaned = a.map((value) => (Math.abs(value) < negligible ? 0 : value));
  const unitA = cleaned.map((value) => value / sum(cleaned));
  const composite = mapOfFirst(problem, unitB).mmul(Matrix.columnVector([...unitA]));
  const product = (left: Matrix, right: Matrix) => left.transpose().mmul(problem.correlation).mmul(right).get(0, 0);
  const difference = Matrix.sub(composite, problem.target);
  return {
    a: unitA,
    b: unitB,
    error: product(difference, difference),
    energy: {
      own: product(composite, composite),
      cross: product(composite, problem.target),
      target: product(problem.target, problem.target),
    },
  };
}

function better(left: Solution, right: Solution): Solution {
  return right.error < left.error ? right : left;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
