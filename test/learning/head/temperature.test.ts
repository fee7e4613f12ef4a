import { describe, expect, it } from 'vitest';
import { logProbabilities } from '../../../src/domain/decision-rule.ts';
import { confusionMatrix, scores } from '../../../src/learning/head/classification.ts';
import { fitTemperature } from '../../../src/learning/head/temperature.ts';
import { randomNumbers } from '../../support/front-end.ts';

describe('fitTemperature', () => {
  it.each([0.5, 1, 3])('should find the factor %d by which true log-odds were multiplied', (factor) => {
    const random = randomNumbers(11);
    const odds = Array.from({ length: 8_000 }, () => 6 * random() - 3);
    const labels = odds.map((z) => Number(random() < 1 / (1 + Math.exp(-z))));
    const found = fitTemperature(
      odds.map((z) => [z * factor]),
      labels,
    );
    expect(found / factor).toBeGreaterThan(0.95);
    expect(found / factor).toBeLessThan(1.05);
  });

  it.each([10, 40])('should not claim certainty after %d right answers', (count) => {
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const temperature = fitTemperature(
      labels.map((label) => [label === 1 ? 1 : -1]),
      labels,
    );
    const confidence = Math.exp(logProbabilities([1], temperature)[1]!);
    expect(confidence).toBeGreaterThan(Math.exp(logProbabilities([1])[1]!));
    expect(confidence).toBeLessThan(1 - 1 / count);
  });

  it('should leave the temperature alone where it does not help examples that were kept apart', () => {
    // One wrong answer, surer than any right one: what four fifths of them say does not hold for the other fifth.
    const logits = [...Array.from({ length: 19 }, () => [0.9]), [2]];
    const labels = [...Array<number>(19).fill(1), 0];
    expect(fitTemperature(logits, labels)).toBe(1);
  });

  it('should calibrate better than doing nothing, on the mean of small sets', () => {
    const random = randomNumbers(5);
    const draw = (count: number, factor: number) => {
      const odds = Array.from({ length: count }, () => 8 * random() - 4);
      const labels = odds.map((z) => Number(random() < 1 / (1 + Math.exp(-z))));
      return { logits: odds.map((z) => [z * factor]), labels };
    };
    const loss = ({ logits, labels }: ReturnType<typeof draw>, temperature: number) =>
      scores(
        logits.map(([z = 0]) => [z / temperature]),
        labels,
      ).loss;
    let gain = 0;
    for (const factor of [0.3, 1, 3]) {
      const test = draw(4000, factor);
      for (let set = 0; set < 20; set++) {
        const { logits, labels } = draw(12, factor);
        gain += loss(test, 1) - loss(test, fitTemperature(logits, labels));
      }
    }
    expect(gain).toBeGreaterThan(0);
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
