import { describe, expect, test } from 'vitest';
import { binomialTail, chanceOfGain, chanceOfIncrease } from '../../../src/learning/chance.ts';
import { evidenceOf, totalVariation, type Evidence } from '../../../src/learning/gate/evidence.ts';
import { judge } from '../../../src/learning/gate/gate.ts';
import { sceneProblem } from '../../../src/learning/gate/scene.ts';
import { seededRandom } from '../../../src/learning/random.ts';
import { randomNumbers } from '../../support/front-end.ts';

const rule = { decision: 'binary', labels: ['cat', 'dog'], positive: 'dog', temperature: 1 } as const;

/** Evidence with these answers: the label and the confidence of each frame. */
function evidence(
  distance: number,
  answers: readonly (readonly [label: number, confidence: number])[],
  labels?: number[],
): Evidence {
  const logits = answers.map(([label, confidence]) => {
    const z = Math.log(confidence / (1 - confidence));
    return Float32Array.of(label === 1 ? z : -z);
  });
  const activations = [{ tensor: 'a', mean: [Math.sqrt(distance)], standardDeviation: [1] }];
  const target = { activations: [{ tensor: 'a', mean: [0], standardDeviation: [Math.sqrt(1 - 0.05 ** 2)] }] };
  const pixels = { mean: [0, 0, 0], covariance: [] };
  return evidenceOf({ logits, statistics: { pixels, activations } }, target, rule, labels);
}

const alternating = (count: number, confidence: number) =>
  Array.from({ length: count }, (_, i) => [i % 2, confidence] as const);

describe('evidence', () => {
  test('counts answers', () => {
    const one = evidence(
      0.3,
      [
        [0, 0.9],
        [1, 0.7],
        [1, 0.8],
        [1, 0.6],
      ],
      [0, 1, 0, 1],
    );
    expect(one.classRates).toEqual([0.25, 0.75]);
    expect(one.meanConfidence).toBeCloseTo(0.75);
    expect(one.labelled?.right).toEqual([true, true, false, true]);
    expect(one.labelled?.logLikelihoods).toBeAllClose([0.9, 0.7, 0.2, 0.6].map(Math.log), { rtol: 0, atol: 1e-6 });
  });

  test('class rates are as far apart as half the sum of their differences', () => {
    expect(totalVariation([0.2, 0.8], [0.5, 0.5])).toBeCloseTo(0.3);
  });
});

describe('without labels', () => {
  const damaged = evidence(1.5, alternating(100, 0.8));

  test('a front end with every sign for it is adopted', () => {
    expect(judge({ previous: damaged, candidate: evidence(0.1, alternating(100, 0.9)) }).adopted).toBe(true);
  });

  test.each([
    ['statistics that are hardly nearer', evidence(1.2, alternating(100, 0.9)), /statistics' distance/],
    ['confidence that falls', evidence(0.1, alternating(100, 0.7)), /confidence/],
    [
      'one class for nearly all',
      evidence(
        0.1,
        alternating(100, 0.9).map(([, p], i) => [i % 10 === 0 ? 1 : 0, p] as const),
      ),
      /one class/,
    ],
  ])('%s: refused', (_, candidate, reason) => {
    const verdict = judge({ previous: damaged, candidate });
    expect(verdict.adopted).toBe(false);
    expect(verdict.reason).toMatch(reason);
  });

  test('confidence in one class for all is not held against a repair', () => {
    const previous = evidence(
      1.5,
      alternating(100, 0.99).map(([, p]) => [1, p] as const),
    );
    expect(judge({ previous, candidate: evidence(0.1, alternating(100, 0.85)) }).adopted).toBe(true);
    const near = evidence(
      0.14,
      alternating(100, 0.9).map(([, p]) => [1, p] as const),
    );
    expect(judge({ previous: near, candidate: evidence(0.05, alternating(100, 0.85)) }).adopted).toBe(false);
  });

  test.each([
    // H.264 at crf 51: accuracy from 88.0 to 86.5 %.
    ['nearly right', [0.101, 0.911], [0.061, 0.909]],
    // Over-exposure: accuracy from 91.2 to 90.1 %.
    ['far off', [0.217, 0.921], [0.012, 0.918]],
  ] as const)('beside a front end that is %s, one that is less sure by anything is refused', (_, before, after) => {
    const previous = evidence(before[0], alternating(100, before[1]));
    expect(judge({ previous, candidate: evidence(after[0], alternating(100, after[1])) }).adopted).toBe(false);
    expect(judge({ previous, candidate: evidence(after[0], alternating(100, before[1] + 0.001)) }).adopted).toBe(true);
  });

  test('class rates far from those of the baseline: refused, near them: adopted', () => {
    const candidate = evidence(0.1, alternating(100, 0.9));
    expect(judge({ previous: damaged, candidate, expectedRates: [0.5, 0.5] }).adopted).toBe(true);
    expect(judge({ previous: damaged, candidate, expectedRates: [0.9, 0.1] }).adopted).toBe(false);
    // One class is no fault where the stream's good time had one class.
    const cats = evidence(
      0.1,
      alternating(100, 0.9).map(([, p]) => [0, p] as const),
    );
    expect(judge({ previous: damaged, candidate: cats, expectedRates: [0.98, 0.02] }).adopted).toBe(true);
  });

  test('a previous front end that is nearly right is not contradicted where it is sure', () => {
    const previous = evidence(0.12, alternating(100, 0.97));
    const other = alternating(100, 0.98).map(([label, p], i) => [i < 8 ? 1 - label : label, p] as const);
    const verdict = judge({ previous, candidate: evidence(0.05, other) });
    expect(verdict.reason).toMatch(/92 of 100 frames of which the previous front end is sure/);
    expect(judge({ previous, candidate: evidence(0.05, alternating(100, 0.98)) }).adopted).toBe(true);
  });
});

describe('with labels', () => {
  const labels = Array.from({ length: 80 }, (_, i) => i % 2);
  /** Right but for the frames at these places. */
  const answers = (wrong: readonly number[], p: number) =>
    labels.map((y, i) => [wrong.includes(i) ? 1 - y : y, p] as const);
  const first = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
  const previous = evidence(0.01, answers(first(20), 0.8), labels);

  test('better by more than chance: adopted, whatever the other signs', () => {
    expect(judge({ previous, candidate: evidence(0.5, answers(first(6), 0.7), labels) }).adopted).toBe(true);
  });

  test('better by what chance explains needs every other sign', () => {
    const slightly = answers(first(18), 0.8);
    expect(judge({ previous, candidate: evidence(0.5, slightly, labels) }).adopted).toBe(false);
    const damaged = evidence(1.5, answers(first(20), 0.8), labels);
    expect(judge({ previous: damaged, candidate: evidence(0.1, slightly, labels) }).adopted).toBe(true);
  });

  test('as many right, with probabilities that are better by more than chance: adopted', () => {
    const doubtful = evidence(0.5, answers(first(20), 0.8), labels).labelled!.logLikelihoods;
    const surer = (frames: readonly number[]) => {
      const candidate = evidence(0.5, answers(first(20), 0.8), labels);
      const logLikelihoods = doubtful.map((value, i) => (frames.includes(i) ? value / 2 : value));
      return { ...candidate, labelled: { ...candidate.labelled!, logLikelihoods } };
    };
    expect(judge({ previous, candidate: surer(first(10, 20)) }).adopted).toBe(true);
    const verdict = judge({ previous, candidate: surer(first(1, 20)) });
    expect(verdict.adopted).toBe(false);
    expect(verdict.reason).toMatch(/log likelihood goes from -0.570 to -0.568, by chance in 3\d\.\d %/);
  });

  test('worse: refused, whatever the other signs', () => {
    const damaged = evidence(1.5, answers(first(20), 0.8), labels);
    const verdict = judge({ previous: damaged, candidate: evidence(0.1, answers(first(22), 0.9), labels) });
    expect(verdict.reason).toMatch(/60 to 58 of 80, which is worse/);
  });

  test('shuffled labels, and labels of one class: refused', () => {
    const random = randomNumbers(4);
    const shuffled = labels.map(() => (random() < 0.5 ? 0 : 1));
    const before = evidence(1.5, alternating(80, 0.8), shuffled);
    const verdict = judge({ previous: before, candidate: evidence(0.1, alternating(80, 0.9), shuffled) });
    expect(verdict.reason).toMatch(/labels do not fit/);
    const cats = labels.map(() => 0);
    const right = evidence(
      0.1,
      cats.map(() => [0, 0.9] as const),
      cats,
    );
    expect(judge({ previous: right, candidate: right }).reason).toMatch(/of one class/);
  });
});

describe('the scene', () => {
  const good = { frames: 60, contrasts: Array.from({ length: 60 }, (_, i) => 0.1 + 0.002 * i), variety: 0.08 };
  const card = { totalFrames: 180, target: 'card' } as const;

  test('photographs are good enough', () => {
    expect(sceneProblem(good, card)).toBeUndefined();
  });

  test.each([
    ['few frames', good, { ...card, totalFrames: 20 }, /at least 50 frames, there are 20/],
    ['black frames', { ...good, contrasts: good.contrasts.map(() => 0.001) }, card, /60 of 60 frames .* show nothing/],
    [
      'a lens that is covered half the time',
      { ...good, contrasts: good.contrasts.map((c, i) => (i % 2 ? c : 0.01)) },
      card,
      /30 of 60/,
    ],
    ['one scene, without a baseline', { ...good, variety: 0.01 }, card, /one scene/],
  ])('%s: refused', (_, observation, options, reason) => {
    expect(sceneProblem(observation, options)).toMatch(reason);
  });

  test('one scene is what a baseline is for', () => {
    expect(sceneProblem({ ...good, variety: 0.01 }, { ...card, target: 'baseline' })).toBeUndefined();
  });
});

describe('chance', () => {
  test('of the exact test, by counting', () => {
    // 8 or more heads of 10: (45 + 10 + 1) / 1024
    expect(chanceOfGain(8, 2)).toBeCloseTo(56 / 1024, 12);
    expect(chanceOfGain(0, 0)).toBe(1);
  });

  test('of an increase: that none of the frames which differ is drawn', () => {
    const { uniform } = seededRandom(3);
    const differences = Array.from({ length: 60 }, (_, i) => (i < 3 ? 1 : 0));
    expect(chanceOfIncrease(differences, { uniform }, 20_000)).toBeCloseTo((1 - 3 / 60) ** 60, 2);
    expect(chanceOfIncrease([0, 0, 0], { uniform })).toBe(1);
    expect(chanceOfIncrease([1, 2, 3], { uniform })).toBe(0);
    expect(chanceOfIncrease([NaN, NaN], { uniform })).toBe(1);
  });

  test('of the binomial tail, at its ends', () => {
    expect(binomialTail(0, 5, 0.3)).toBe(1);
    expect(binomialTail(5, 5, 0.3)).toBeCloseTo(0.3 ** 5, 12);
  });
});
