/** Ten functions of one or two variables that global optimisers are measured with. */
import { createOracle } from '../../src/search/create-oracle.ts';
import { float } from '../../src/search/space.ts';
import { drive } from './support.ts';

const { cos, exp, PI, sin, sqrt, E } = Math;

export interface TestFunction {
  readonly name: string;
  readonly evaluate: (x: number, y: number) => number;
  readonly bounds: readonly (readonly [number, number])[];
  /** The least value in the bounds. */
  readonly least: number;
}

/** The same as in scripts/compare_bayesian.py. References: sfu.ca/~ssurjano/optimization.html */
export const testFunctions: readonly TestFunction[] = [
  {
    name: 'forrester',
    evaluate: (x) => (6 * x - 2) ** 2 * sin(12 * x - 4),
    bounds: [[0, 1]],
    least: -6.020740055767083,
  },
  {
    name: 'gramacy-lee',
    evaluate: (x) => sin(10 * PI * x) / (2 * x) + (x - 1) ** 4,
    bounds: [[0.5, 2.5]],
    least: -0.8690111349894997,
  },
  { name: 'two-sines', evaluate: (x) => sin(x) + sin((10 * x) / 3), bounds: [[2.7, 7.5]], least: -1.8995993491521 },
  {
    name: 'parabola-exp',
    evaluate: (x) => -(16 * x ** 2 - 24 * x + 5) * exp(-x),
    bounds: [[1.9, 3.9]],
    least: -3.8504507087979,
  },
  {
    name: 'branin',
    evaluate: (x, y) =>
      (y - (5.1 / (4 * PI ** 2)) * x ** 2 + (5 / PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * PI)) * cos(x) + 10,
    bounds: [
      [-5, 10],
      [0, 15],
    ],
    least: 0.39788735772973816,
  },
  {
    name: 'six-hump-camel',
    evaluate: (x, y) => (4 - 2.1 * x ** 2 + x ** 4 / 3) * x ** 2 + x * y + (-4 + 4 * y ** 2) * y ** 2,
    bounds: [
      [-3, 3],
      [-2, 2],
    ],
    least: -1.0316284534898774,
  },
  {
    name: 'goldstein-price',
    evaluate: (x, y) =>
      (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x ** 2 - 14 * y + 6 * x * y + 3 * y ** 2)) *
      (30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x ** 2 + 48 * y - 36 * x * y + 27 * y ** 2)),
    bounds: [
      [-2, 2],
      [-2, 2],
    ],
    least: 3,
  },
  {
    name: 'himmelblau',
    evaluate: (x, y) => (x ** 2 + y - 11) ** 2 + (x + y ** 2 - 7) ** 2,
    bounds: [
      [-5, 5],
      [-5, 5],
    ],
    least: 0,
  },
  {
    name: 'ackley',
    evaluate: (x, y) =>
      -20 * exp(-0.2 * sqrt((x ** 2 + y ** 2) / 2)) - exp((cos(2 * PI * x) + cos(2 * PI * y)) / 2) + 20 + E,
    bounds: [
      [-4, 6],
      [-4, 6],
    ],
    least: 0,
  },
  {
    name: 'rosenbrock',
    evaluate: (x, y) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2,
    bounds: [
      [-2, 2],
      [-1, 3],
    ],
    least: 0,
  },
];

/** How far the best of so many Bayesian trials is above the least value. */
export function bayesianRegret({ evaluate, bounds, least }: TestFunction, seed: number, trials: number): number {
  const space = bounds.map(([low, high], axis) => float(`x${String(axis)}`, low, high));
  const settings = { space, direction: 'min', seed, maxTrials: trials, epochs: 1 } as const;
  const values = drive(createOracle({ algorithm: 'bayesian' }, settings), (trial) =>
    evaluate(Number(trial.values['x0']), Number(trial.values['x1'] ?? 0)),
  ).trials.map(({ score }) => score ?? Infinity);
  return Math.min(...values) - least;
}
