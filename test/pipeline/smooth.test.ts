import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecisionRule } from '../../src/domain/decision-rule.ts';
import type { Prediction } from '../../src/domain/prediction.ts';
import { createSmoother, smooth, type SmoothingOptions, type Timed } from '../../src/pipeline/smooth.ts';
import { virtualTime } from './marbles.ts';

const three: DecisionRule = { decision: 'softmax', labels: ['a', 'b', 'c'], temperature: 2 };
const catDog: DecisionRule = { decision: 'binary', labels: ['cat', 'dog'], positive: 'dog', temperature: 1.5 };

const frame = (presentationSeconds: number, ...logits: number[]) => ({
  presentationSeconds,
  logits: [Float32Array.from(logits)],
});

/** What is seen in one image. */
function probabilitiesBy(rule: DecisionRule, options: SmoothingOptions) {
  const smoother = createSmoother(rule, options);
  return (seen: Timed) => smoother(seen).probabilities;
}

describe('createSmoother', () => {
  it('should give the softmax of logits over temperature for the first frame', () => {
    // e^1, e^0, e^-1 over their sum 4.0862.
    expect(probabilitiesBy(three, { timeConstantSeconds: 1 })(frame(0, 2, 0, -2))).toBeAllClose(
      [0.66524096, 0.24472847, 0.09003057],
      { rtol: 1e-6 },
    );
  });

  it('should move the log-odds of a binary bundle by 1 − 1/e in one time constant', () => {
    const smoother = probabilitiesBy(catDog, { timeConstantSeconds: 0.5 });
    for (let i = 0; i <= 100; i++) smoother(frame(i / 10, 3));
    const [cat, dog] = smoother(frame(10.5, -3));
    // z/T goes from 2 to −2: 2 − 4 · 0.6321206 = −0.5284822.
    expect([cat, dog]).toBeAllClose([0.62912839, 0.37087161], { rtol: 1e-5 });
  });

  it('should average a softmax as the weighted geometric mean of the probabilities', () => {
    const smoother = probabilitiesBy({ ...three, temperature: 1 }, { timeConstantSeconds: 1 / Math.LN2 });
    smoother(frame(0, Math.log(0.8), Math.log(0.1), Math.log(0.1)));
    // α = 1/2 after one second; the first frame counts 1/2 · 1/2, the second 1/2, together 3/4.
    const roots = [Math.cbrt(0.8 * 0.2 ** 2), Math.cbrt(0.1 * 0.6 ** 2), Math.cbrt(0.1 * 0.2 ** 2)];
    const sum = roots.reduce((a, b) => a + b);
    expect(smoother(frame(1, Math.log(0.2) + 50, Math.log(0.6) + 50, Math.log(0.2) + 50))).toBeAllClose(
      roots.map((root) => root / sum),
      { rtol: 1e-5 },
    );
  });

  it('should not depend on how often a constant picture is sampled', () => {
    const often = probabilitiesBy(catDog, { timeConstantSeconds: 1 });
    const seldom = probabilitiesBy(catDog, { timeConstantSeconds: 1 });
    for (const smoother of [often, seldom]) {
      for (let i = -20; i <= 0; i++) smoother(frame(i, 4));
    }
    for (let i = 1; i < 100; i++) often(frame(i / 100, -4));
    expect(often(frame(1, -4))).toBeAllClose(seldom(frame(1, -4)), { rtol: 1e-5 });
  });

  it('should begin as the mean of what was seen so far', () => {
    const smoother = probabilitiesBy({ ...catDog, temperature: 1 }, { timeConstantSeconds: 1e6 });
    smoother(frame(0, 6));
    smoother(frame(1, 0));
    // σ(2) = 0.8807971.
    expect(smoother(frame(2, 0))[1]).toBeCloseTo(0.8807971, 4);
  });

  it.each([
    ['backwards', 3],
    ['to nowhere', Number.NaN],
  ])('should start anew when time jumps %s', (_, seconds) => {
    const smoother = probabilitiesBy(catDog, { timeConstantSeconds: 100 });
    smoother(frame(10, 9));
    const fresh = probabilitiesBy(catDog, { timeConstantSeconds: 100 });
    expect(smoother(frame(seconds, -9))).toBeAllClose(fresh(frame(0, -9)));
  });

  it('should not move for two frames of the same time, and take the new one alone without a time constant', () => {
    const slow = probabilitiesBy(catDog, { timeConstantSeconds: 1 });
    const before = slow(frame(1, 2));
    expect(slow(frame(1, -50))).toBeAllClose(before);
    const none = probabilitiesBy(catDog, { timeConstantSeconds: 0 });
    none(frame(1, 50));
    expect(none(frame(2, 0))).toBeAllClose([0.5, 0.5]);
  });

  it('should give probabilities that sum to 1 for any logits and times', () => {
    const logits = fc.array(fc.float({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ noDefaultInfinity: true }), logits), { maxLength: 20 }), (frames) => {
        const smoother = probabilitiesBy(three, { timeConstantSeconds: 1 });
        for (const [seconds, values] of frames) {
          const sum = smoother(frame(seconds, ...values)).reduce((a, b) => a + b);
          expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
        }
      }),
    );
  });

  it('should refuse logits that are not finite or not as many as there are labels', () => {
    const smoother = probabilitiesBy(three, { timeConstantSeconds: 1 });
    expect(() => smoother(frame(0, 1, 2))).toThrow('there must be 3 logits for one frame, there are 2');
    expect(() => smoother(frame(0, 1, Number.NaN, 2))).toThrow('all logits must be finite');
  });

  it('should go on over a clock that begins anew where it is told how long that took', () => {
    const [told, steady] = [0, 1].map(() => probabilitiesBy(catDog, { timeConstantSeconds: 1 }));
    for (const smoother of [told, steady]) for (let i = 0; i <= 10; i++) smoother?.(frame(100 + i / 10, 3));
    expect(told?.({ ...frame(0, -3), elapsedSeconds: 0.5 })).toEqual(steady?.(frame(101.5, -3)));
    expect(told?.(frame(0.25, -3))).toEqual(steady?.(frame(101.75, -3)));
  });

  it('should begin anew where there are other tiles', () => {
    const smoother = createSmoother(catDog, { timeConstantSeconds: 1 });
    const [cat, dog] = [Float32Array.of(-3), Float32Array.of(3)];
    smoother({ presentationSeconds: 0, logits: [cat, dog] });
    const { probabilities } = smoother({ presentationSeconds: 0.1, logits: [dog] });
    expect(probabilities).toEqual(probabilitiesBy(catDog, { timeConstantSeconds: 1 })(frame(0, 3)));
  });

  it('should smooth each tile by itself, and take the highest of each label', () => {
    const tiles = [
      [3, -1, 0],
      [-2, 4, 1],
    ];
    const [left, right] = tiles.map(() => probabilitiesBy(three, { timeConstantSeconds: 1 }));
    const smoother = createSmoother(three, { timeConstantSeconds: 1 });
    for (const second of [0, 1, 2]) {
      const logits = tiles.map((values) => Float32Array.from(values, (value) => value * (1 - second)));
      const scores = smoother({ presentationSeconds: second, logits });
      const alone = [left, right].map((one, i) => one?.({ presentationSeconds: second, logits: [logits[i]!] }));
      expect(scores.tiles).toEqual(alone);
      expect(scores.probabilities).toEqual(
        Float32Array.from([0, 1, 2], (label) => Math.max(alone[0]![label]!, alone[1]![label]!)),
      );
    }
  });
});

describe('smooth', () => {
  it('should add probabilities to each prediction, and start anew for each subscription', () => {
    virtualTime().run(({ cold, expectObservable }) => {
      const prediction = (sequence: number, logit: number): Prediction => ({
        stream: 's',
        sequence,
        presentationSeconds: sequence,
        capturedAt: 0,
        decidedAt: 0,
        native: { width: 1, height: 1 },
        logits: [Float32Array.of(logit)],
      });
      const [p, q] = [prediction(0, 0), prediction(1, 0)];
      const even = Float32Array.of(0.5, 0.5);
      const result$ = cold('p-q|', { p, q }).pipe(smooth(createSmoother(catDog, { timeConstantSeconds: 1 })));
      const expected = { P: { ...p, probabilities: even }, Q: { ...q, probabilities: even } };
      expectObservable(result$).toBe('P-Q|', expected);
      expectObservable(result$, '-----^').toBe('-----P-Q|', expected);
    });
  });
});
