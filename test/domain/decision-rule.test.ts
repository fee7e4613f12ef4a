import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  logOdds,
  logProbabilities,
  probabilities,
  probabilitiesOf,
  type DecisionRule,
} from '../../src/domain/decision-rule.ts';

const binary = (positive: string, temperature = 1): DecisionRule => ({
  decision: 'binary',
  labels: ['cat', 'dog'],
  positive,
  temperature,
});
const softmax = (labels: number, temperature = 1): DecisionRule => ({
  decision: 'softmax',
  labels: Array.from({ length: labels }, (_, i) => `l${i}`),
  temperature,
});
const logit = fc.float({ min: -1000, max: 1000, noNaN: true });

it('gives the positive label its sigmoid, wherever it stands', () => {
  // ln 3: odds of three to one.
  expect(probabilities(Float32Array.of(Math.log(3)), binary('dog'))).toBeAllClose([0.25, 0.75]);
  expect(probabilities(Float32Array.of(Math.log(3)), binary('cat'))).toBeAllClose([0.75, 0.25]);
  expect(probabilities(Float32Array.of(2 * Math.log(3)), binary('dog', 2))).toBeAllClose([0.25, 0.75]);
});

it('shares one among the labels', () => {
  const logits = Float32Array.of(Math.log(1), Math.log(2), Math.log(5));
  expect(probabilities(logits, softmax(3))).toBeAllClose([0.125, 0.25, 0.625]);
  expect(
    probabilities(
      Float32Array.from(logits, (value) => 3 * value),
      softmax(3, 3),
    ),
  ).toBeAllClose([0.125, 0.25, 0.625]);
});

it('stays a distribution in the order of the logits, however large they are', () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 2, maxLength: 9, min: -1e4, max: 1e4, noNaN: true }), (logits) => {
      const result = [...probabilities(logits, softmax(logits.length))];
      expect([result.reduce((a, b) => a + b)]).toBeAllClose([1], { rtol: 1e-5 });
      for (const [i, a] of result.entries()) {
        for (const [j, b] of result.entries()) if (logits[i]! > logits[j]!) expect(a).toBeGreaterThanOrEqual(b);
      }
    }),
  );
  fc.assert(
    fc.property(logit, (value) => {
      const [no = NaN, yes = NaN] = probabilities(Float32Array.of(value), binary('dog'));
      expect([no + yes]).toBeAllClose([1]);
    }),
  );
});

it('keeps the digits of an improbable label', () => {
  expect(probabilities(Float32Array.of(40), binary('dog'))[0]).toBeGreaterThan(0);
});

it('refuses a wrong number of logits', () => {
  expect(() => probabilities(Float32Array.of(1, 2), binary('dog'))).toThrow('there must be 1 logits');
  expect(() => probabilities(Float32Array.of(1, 2), softmax(3))).toThrow('there must be 3 logits');
});

it('refuses to average what is not finite', () => {
  expect(() => logOdds(Float32Array.of(NaN), binary('dog'))).toThrow('all logits must be finite, some are not');
  expect(() => logOdds(Float32Array.of(1, Infinity, 0), softmax(3))).toThrow('all logits must be finite');
});

it('reads logits as the odds between every two labels say, in each of its ways', () => {
  const temperatures = fc.constantFrom(0.5, 1, 1.7);
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 2, maxLength: 9, min: -30, max: 30, noNaN: true }),
      temperatures,
      (logits, temperature) => {
        // 1/p of a label is the sum of all labels' odds against it: no largest value, no sum that is shared.
        const expected = [...logits].map(
          (logit) => 1 / logits.reduce((sum, other) => sum + Math.exp((other - logit) / temperature), 0),
        );
        expectAllWays(logits, softmax(logits.length, temperature), expected);
      },
    ),
  );
  fc.assert(
    fc.property(fc.float({ min: -30, max: 30, noNaN: true }), temperatures, (value, temperature) => {
      const against = Math.exp(-value / temperature);
      expectAllWays(Float32Array.of(value), binary('dog', temperature), [against / (1 + against), 1 / (1 + against)]);
    }),
  );
});

function expectAllWays(logits: Float32Array, rule: DecisionRule, expected: number[]): void {
  const close = { rtol: 1e-6, atol: 1e-30 };
  expect(probabilities(logits, rule)).toBeAllClose(expected, close);
  expect(probabilitiesOf(logOdds(logits, rule), rule)).toBeAllClose(expected, close);
  expect(logProbabilities(logits, rule.temperature).map(Math.exp)).toBeAllClose(expected, close);
}
