import fc from 'fast-check';
import { expect, it } from 'vitest';
import { probabilities } from '../../src/model/calibration.ts';

const binary = (positive: string, temperature = 1) => ({
  output: { decision: 'binary' as const, labels: ['cat', 'dog'], positive, temperature },
});
const softmax = (labels: number, temperature = 1) => ({
  output: { decision: 'softmax' as const, labels: Array.from({ length: labels }, (_, i) => `l${i}`), temperature },
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
