import { describe, expect, test } from 'vitest';
import { adam } from '../../../src/learning/optimizer/adam.ts';
import { clipByGlobalNorm, globalNorm } from '../../../src/learning/optimizer/clip.ts';
import { pulledToStart } from '../../../src/learning/optimizer/distance-to-start.ts';
import type { Optimizer } from '../../../src/learning/optimizer/optimizer.ts';
import { cosineSchedule } from '../../../src/learning/optimizer/schedule.ts';

const arrays = (...values: number[][]) => values.map((one) => Float32Array.from(one));

/** Parameters after steps down the gradient of Σ ½c(w − 1)². */
function descend<S>(optimizer: Optimizer<S>, steps: number, rate: number): Float32Array[] {
  const curvature = [1, 10];
  let parameters = arrays([0, 0], [5]);
  let state = optimizer.init(parameters);
  for (let step = 0; step < steps; step++) {
    const gradients = parameters.map((one) => one.map((w, i) => curvature[i]! * (w - 1)));
    ({ state, parameters } = optimizer.update(state, parameters, gradients, rate));
  }
  return parameters;
}

describe('adam', () => {
  test('takes the steps of torch.optim.Adam', () => {
    // Two steps from w = (1, −2), g = (0.1, −4) then (−0.3, 1), lr 0.1, by hand from the paper's algorithm:
    // m̂₁ = g, v̂₁ = g²; m̂₂ = (0.9·0.1·g₁ + 0.1·g₂) / 0.19, v̂₂ = (0.999·0.001·g₁² + 0.001·g₂²) / 0.001999.
    const optimizer = adam();
    const start = arrays([1, -2]);
    const one = optimizer.update(optimizer.init(start), start, arrays([0.1, -4]), 0.1);
    expect(one.parameters[0]!).toBeAllClose([0.9, -1.9], { rtol: 1e-6 });
    const two = optimizer.update(one.state, one.parameters, arrays([-0.3, 1]), 0.1);
    const second = (g1: number, g2: number) => {
      const m = (0.9 * 0.1 * g1 + 0.1 * g2) / 0.19;
      return m / Math.sqrt((0.999 * 0.001 * g1 ** 2 + 0.001 * g2 ** 2) / 0.001999);
    };
    expect(two.parameters[0]!).toBeAllClose([0.9 - 0.1 * second(0.1, -0.3), -1.9 - 0.1 * second(-4, 1)], {
      rtol: 1e-6,
    });
    expect(start[0]!).toEqual(Float32Array.from([1, -2]));
  });

  test('finds the minimum whatever the curvature', () => {
    for (const array of descend(adam(), 600, 0.05)) for (const w of array) expect(w).toBeCloseTo(1, 2);
  });

  test('takes a learning rate for each tensor', () => {
    const optimizer = adam();
    const start = arrays([0], [0]);
    const { parameters } = optimizer.update(optimizer.init(start), start, arrays([1], [1]), [0.1, 0.2]);
    expect(parameters.map(([w]) => w!)).toBeAllClose([-0.1, -0.2]);
  });
});

test('the cosine schedule rises over the warm-up and ends at 0', () => {
  const factor = cosineSchedule(10, { warmUp: 3 });
  expect([0, 1, 2, 3].map(factor)).toBeAllClose([0.25, 0.5, 0.75, 1]);
  expect(factor(6.5)).toBeCloseTo(0.5);
  expect(factor(10)).toBeCloseTo(0);
  expect(factor(20)).toBeCloseTo(0);
});

test('gradients are shortened as one vector', () => {
  const gradients = arrays([3, 0], [4]);
  expect(globalNorm(gradients)).toBeCloseTo(5);
  expect(clipByGlobalNorm(gradients, 6)).toBe(gradients);
  const clipped = clipByGlobalNorm(gradients, 1);
  expect(clipped.flatMap((one) => [...one])).toBeAllClose([0.6, 0, 0.8]);
});

test('the pull towards the start is the gradient of half the squared distance', () => {
  const pulled = pulledToStart(arrays([1, 1]), arrays([3, 0]), arrays([1, 1]), 0.5);
  expect([...pulled[0]!]).toBeAllClose([2, 0.5]);
});
