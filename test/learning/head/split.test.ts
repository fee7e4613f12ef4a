import { describe, expect, it } from 'vitest';
import { balancedClassWeights, labelRates, stratifiedSplit } from '../../../src/learning/head/split.ts';

const labels = [...Array<number>(80).fill(0), ...Array<number>(20).fill(1), 2, 2];

describe('stratifiedSplit', () => {
  it('should take the share of every class and keep at least one on both sides', () => {
    const { training, validation } = stratifiedSplit(labels, 0.2, 7);
    const count = (indices: readonly number[], label: number) =>
      indices.filter((index) => labels[index] === label).length;
    expect([0, 1, 2].map((label) => count(validation, label))).toEqual([16, 4, 1]);
    expect([...training, ...validation].sort((a, b) => a - b)).toEqual([...labels.keys()]);
  });

  it('should depend on the seed alone', () => {
    expect(stratifiedSplit(labels, 0.2, 7)).toEqual(stratifiedSplit(labels, 0.2, 7));
    expect(stratifiedSplit(labels, 0.2, 7)).not.toEqual(stratifiedSplit(labels, 0.2, 8));
  });
});

describe('labelRates', () => {
  it('should be the share of each class, of one without examples too', () => {
    expect(labelRates([0, 2, 0, 0], 3)).toEqual([0.75, 0, 0.25]);
  });
});

describe('balancedClassWeights', () => {
  it('should make every class count as much', () => {
    const weights = balancedClassWeights(labels, 3);
    [80, 20, 2].forEach((count, label) => expect(weights[label]! * count).toBeCloseTo(34));
  });
});
