import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitGaussianProcess, logMarginalLikelihood, pairwiseDistances } from '../../src/search/gaussian-process.ts';
import { pythonRandom } from '../../src/search/mersenne-twister.ts';
import { minimizeBounded } from '../../src/search/minimize-bounded.ts';
import { kerasTuner } from './support.ts';

describe('fitGaussianProcess', () => {
  it.each(kerasTuner.gaussianProcess)('should agree with scikit-learn ($x.length points)', (row) => {
    const process = fitGaussianProcess(row.x, row.y, { alpha: 1e-4, random: pythonRandom(1) });
    expect(process.logMarginalLikelihood).toBeGreaterThan(row.logMarginalLikelihood - 1e-4);
    expect(process.lengthScale).toBeCloseTo(row.lengthScale, 2);
    const predictions = row.points.map((point) => process.predict(point));
    expect(predictions.map(({ mean }) => mean)).toBeAllClose(row.mean, { rtol: 1e-3, atol: 1e-3 });
    expect(predictions.map(({ std }) => std)).toBeAllClose(row.std, { rtol: 5e-3, atol: 1e-4 });
  });

  it.each(kerasTuner.gaussianProcess)('should weigh length scales as scikit-learn ($x.length points)', (row) => {
    const mean = row.y.reduce((a, b) => a + b) / row.y.length;
    const deviation = Math.sqrt(row.y.reduce((sum, y) => sum + (y - mean) ** 2, 0) / row.y.length);
    const y = row.y.map((value) => (value - mean) / deviation);
    const found = row.thetas.map((theta) => logMarginalLikelihood(pairwiseDistances(row.x), y, theta, 1e-4));
    expect(found.map(({ value }) => value)).toBeAllClose(row.likelihoods, { rtol: 1e-8, atol: 1e-8 });
    expect(found.map(({ gradient }) => gradient)).toBeAllClose(row.gradients, { rtol: 1e-7, atol: 1e-7 });
  });

  it('should give gradients of mean and deviation that finite differences confirm', () => {
    const { x, y } = kerasTuner.gaussianProcess[2]!;
    const process = fitGaussianProcess(x, y, { random: pythonRandom(1) });
    const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, (a, b) => {
        const h = 1e-6;
        const { meanGradient, stdGradient, std } = process.predict([a, b]);
        fc.pre(std > 0.02);
        const [high, low] = [process.predict([a + h, b]), process.predict([a - h, b])];
        expect(meanGradient[0]).toBeCloseTo((high.mean - low.mean) / (2 * h), 3);
        expect(stdGradient[0]).toBeCloseTo((high.std - low.std) / (2 * h), 3);
      }),
      { numRuns: 50 },
    );
  });

  it('should take equal observations', () => {
    const process = fitGaussianProcess([[0.2], [0.8]], [3, 3], { random: pythonRandom(1) });
    expect(process.predict([0.5]).mean).toBeCloseTo(3, 12);
  });
});

describe('minimizeBounded', () => {
  const unit = [
    [-2, 2],
    [-2, 2],
  ] as const;

  it('should reach the minimum of the Rosenbrock function', () => {
    const rosenbrock = ([x = 0, y = 0]: readonly number[]) => ({
      value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
      gradient: [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
    });
    expect(minimizeBounded(rosenbrock, [-1.2, 1], unit).x).toBeAllClose([1, 1], { atol: 1e-4 });
  });

  it('should stay inside the bounds and find the nearest corner or face of a quadratic', () => {
    const centre = fc.double({ min: -5, max: 5, noNaN: true });
    const start = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(centre, centre, start, start, (a, b, x, y) => {
        const bowl = ([u = 0, v = 0]: readonly number[]) => ({
          value: (u - a) ** 2 + 3 * (v - b) ** 2,
          gradient: [2 * (u - a), 6 * (v - b)],
        });
        const clamp = (value: number) => Math.min(2, Math.max(-2, value));
        expect(minimizeBounded(bowl, [x, y], unit).x).toBeAllClose([clamp(a), clamp(b)], { atol: 1e-4 });
      }),
    );
  });
});
