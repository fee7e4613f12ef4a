import { afterAll, describe, expect, test } from 'vitest';
import type { Evidence } from '../../../src/learning/gate/evidence.ts';
import { agreement, judgeRunning } from '../../../src/learning/gate/harm.ts';
import { Observer } from '../../../src/learning/statistics/observe.ts';
import { pooled } from '../../../src/learning/statistics/pool.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../small-classifier.ts';

const observer = await Observer.load(inlineEngine(), {
  ...{ classifier: smallClassifier(3), card: smallCard(['a', 'b', 'c'], 'softmax'), geometry, batch: 1, logits: true },
});
afterAll(() => observer[Symbol.asyncDispose]());

test('looks at single frames, pooled, are one look at all of them', async () => {
  const frames = pictures(7);
  const { weights } = closedForm(geometry, 'area');
  const indices = [0, 1, 2, 3, 4, 5, 6];
  const whole = await observer.observe(frames, indices, weights);
  const single = [];
  for (const index of indices) single.push(await observer.observe(frames, [index], weights));
  const { statistics, logits, contrasts, frames: count } = pooled(single);
  expect([count, logits, contrasts]).toEqual([7, whole.logits, whole.contrasts]);
  const numbers = ({ pixels, activations }: typeof statistics) => [
    ...pixels.mean,
    ...pixels.covariance.flat(),
    ...activations.flatMap(({ mean, standardDeviation }) => [...mean, ...standardDeviation]),
  ];
  expect(numbers(statistics)).toBeAllClose(numbers(whole.statistics), { atol: 1e-6 });
});

describe('judgeRunning', () => {
  const evidence = (distance: number, labels: readonly number[], confidence = 0.97): Evidence => ({
    frames: labels.length,
    distance,
    meanConfidence: confidence,
    classRates: [0.5, 0.5],
    predictions: labels.map((label) => ({ label, confidence })),
  });
  const alternating = Array.from({ length: 40 }, (_, i) => i % 2);
  const good = evidence(0.05, alternating);

  test('nothing has to be gained', () => {
    expect(judgeRunning({ previous: good, candidate: good }).adopted).toBe(true);
    expect(judgeRunning({ previous: good, candidate: evidence(0.07, alternating, 0.96) }).adopted).toBe(true);
  });

  test('statistics, confidence and sure answers must not get worse', () => {
    const flipped = alternating.map((label, i) => (i < 5 ? 1 - label : label));
    for (const [candidate, name] of [
      [evidence(0.08, alternating), 'statistics'],
      [evidence(0.05, alternating, 0.94), 'confidence'],
      [evidence(0.05, flipped), 'agreement'],
    ] as const) {
      const { adopted, checks } = judgeRunning({ previous: good, candidate });
      expect(adopted).toBe(false);
      expect(checks.filter(({ passed }) => !passed).map((check) => check.name)).toEqual([name]);
    }
    expect(agreement({ previous: good, candidate: evidence(0.05, flipped) })).toBe(35 / 40);
  });
});
