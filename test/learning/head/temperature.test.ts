import { describe, expect, it } from 'vitest';
import { confusionMatrix, logProbabilities, scores } from '../../../src/learning/head/classification.ts';
import { fitTemperature } from '../../../src/learning/head/temperature.ts';
import { probabilities } from '../../../src/model/calibration.ts';
import { randomNumbers } from '../../support/front-end.ts';

describe('fitTemperature', () => {
  it.each([0.5, 1, 3])('should find the factor %d by which true log-odds were multiplied', (factor) => {
    const random = randomNumbers(11);
    const odds = Array.from({ length: 20_000 }, () => 6 * random() - 3);
    const labels = odds.map((z) => Number(random() < 1 / (1 + Math.exp(-z))));
    const found = fitTemperature(
      odds.map((z) => [z * factor]),
      labels,
    );
    expect(found / factor).toBeGreaterThan(0.95);
    expect(found / factor).toBeLessThan(1.05);
  });

  it('should not claim certainty after a few right answers', () => {
    const temperature = fitTemperature(
      Array.from({ length: 20 }, (_, i) => [i < 10 ? -5 : 5]),
      [...Array<number>(10).fill(0), ...Array<number>(10).fill(1)],
    );
    const confidence = Math.exp(logProbabilities([5], temperature)[1]!);
    expect(confidence).toBeCloseTo(11 / 12, 3);
  });

  it('should do so for several classes, too', () => {
    const labels = Array.from({ length: 30 }, (_, i) => i % 3);
    const logits = labels.map((label) => [0, 1, 2].map((k) => (k === label ? 9 : 0)));
    const temperature = fitTemperature(logits, labels);
    expect(Math.exp(logProbabilities(logits[0]!, temperature)[0]!)).toBeCloseTo(11 / 12, 3);
  });
});

describe('logProbabilities', () => {
  it('should agree with the calibration of predictions', () => {
    const output = { decision: 'softmax', labels: ['a', 'b', 'c'], temperature: 1.7 } as const;
    const logits = Float32Array.of(3, -1, 0.5);
    expect(logProbabilities(logits, 1.7).map(Math.exp)).toBeAllClose(probabilities(logits, { output }), { rtol: 1e-5 });
    const binary = { decision: 'binary', labels: ['a', 'b'], positive: 'b', temperature: 1.7 } as const;
    expect(logProbabilities([-2], 1.7).map(Math.exp)).toBeAllClose(
      probabilities(Float32Array.of(-2), { output: binary }),
      { rtol: 1e-5 },
    );
  });
});

describe('scores and confusionMatrix', () => {
  it('should count what was answered for each true class', () => {
    const logits = [
      [2, 1, 0],
      [0, 1, 2],
      [0, 3, 1],
      [1, 0, 0],
    ];
    const labels = [0, 1, 1, 2];
    expect(confusionMatrix(logits, labels, 3)).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [1, 0, 0],
    ]);
    expect(scores(logits, labels).accuracy).toBe(0.5);
    expect(scores([[0], [0]], [0, 1]).loss).toBeCloseTo(Math.LN2);
  });
});
