import { describe, expect, test } from 'vitest';
import { ranking } from '../../../src/learning/gate/ranking.ts';

/** Of photographs with noise of severity 5, with the accuracy on 400 others; and in low light. */
const noise = {
  right: { frames: 66, meanConfidence: 0.864, classRates: [0.39, 0.61], distance: 0.121 }, // 87.5 %
  skewed: { frames: 66, meanConfidence: 0.897, classRates: [0.26, 0.74], distance: 0.093 }, // 78.3 %
};
const lowLight = {
  right: { frames: 66, meanConfidence: 0.937, classRates: [0.46, 0.54], distance: 0.024 }, // 94.8 %
  unsure: { frames: 66, meanConfidence: 0.913, classRates: [0.46, 0.54], distance: 0.037 }, // 92.0 %
};

describe('of two front ends', () => {
  test('the one whose answers are nearer to the expected rates is better, though less confident', () => {
    expect(ranking(noise.right, [0.5, 0.5])).toBeGreaterThan(ranking(noise.skewed, [0.5, 0.5]));
  });

  test('what chance explains of so many frames does not count against the rates', () => {
    // Noise of severity 5 again, 82.2 % and 88.2 % of 500 others.
    const even = { frames: 100, meanConfidence: 0.797, classRates: [0.51, 0.49], distance: 0.29 };
    const better = { frames: 100, meanConfidence: 0.882, classRates: [0.41, 0.59], distance: 0.353 };
    expect(ranking(better, [0.5, 0.5])).toBeGreaterThan(ranking(even, [0.5, 0.5]) + 0.05);
    const many = (one: typeof even) => ranking({ ...one, frames: 10_000 }, [0.5, 0.5]);
    // 87.8 % of 800 others.
    const uneven = { frames: 100, meanConfidence: 0.867, classRates: [0.38, 0.62], distance: 0.133 };
    expect(ranking(uneven, [0.5, 0.5])).toBeGreaterThan(ranking(even, [0.5, 0.5]));
    expect(many(uneven)).toBeLessThan(many(even));
  });

  test('the more confident one is better where the rates are alike or unknown', () => {
    for (const rates of [[0.5, 0.5], undefined]) {
      expect(ranking(lowLight.right, rates)).toBeGreaterThan(ranking(lowLight.unsure, rates));
    }
  });

  test('less contrast than in training, which is farther from its statistics, is better where it makes surer of noise', () => {
    // Noise of severity 3, 96.5 % and 97.3 % of 800 others; low light, 97.1 % and 96.8 %.
    const aligned = { frames: 100, meanConfidence: 0.932, classRates: [0.44, 0.56], distance: 0.042 };
    const softer = { frames: 100, meanConfidence: 0.936, classRates: [0.44, 0.56], distance: 0.095 };
    expect(ranking(softer, [0.5, 0.5])).toBeGreaterThan(ranking(aligned, [0.5, 0.5]));
    const inTheDark = { ...softer, meanConfidence: 0.937, distance: 0.086 };
    expect(ranking(inTheDark, [0.5, 0.5])).toBeLessThan(ranking(lowLight.right, [0.5, 0.5]));
  });

  test('one that is far from the statistics is worth less than its confidence', () => {
    const far = { ...lowLight.right, distance: 2 };
    expect(ranking(far, [0.5, 0.5])).toBeLessThan(ranking(lowLight.unsure, [0.5, 0.5]));
  });

  test('labels decide where there are some', () => {
    const labelled = (likelihood: number) => ({ labels: [0], right: [true], logLikelihoods: [likelihood] });
    const better = ranking({ ...noise.skewed, labelled: labelled(-0.3) }, [0.5, 0.5]);
    expect(better).toBeGreaterThan(ranking({ ...noise.right, labelled: labelled(-0.4) }, [0.5, 0.5]));
  });
});
