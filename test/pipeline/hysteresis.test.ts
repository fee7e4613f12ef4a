import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSmoother } from '../../src/pipeline/smooth.ts';
import { defaultHysteresis, Hysteresis, hysteresis, type HysteresisOptions } from '../../src/pipeline/hysteresis.ts';
import { targetsOf } from '../../src/pipeline/targets.ts';
import { virtualTime } from './marbles.ts';

const immediate: HysteresisOptions = {
  onsetProbability: 0.5,
  offsetProbability: 0.3,
  minDurationOnSeconds: 0,
  minDurationOffSeconds: 0,
  coolDownSeconds: 0,
};
const thing = targetsOf(['thing'], {});

/** Runs one probability per second; an event reads `onset@frame(since)`, `offset@frame(since, duration)`. */
function run(options: Partial<HysteresisOptions>, probabilities: number[], seconds = (i: number) => i): string[] {
  const states = new Hysteresis(thing, { ...immediate, ...options });
  const events = probabilities.flatMap((probability, sequence) =>
    states.update({
      stream: 's',
      sequence,
      presentationSeconds: seconds(sequence),
      probabilities: Float32Array.of(probability),
    }),
  );
  return [...events, ...states.finish()].map(
    ({ kind, sequence, sinceSeconds, durationSeconds, final }) =>
      `${kind}@${sequence}(${[sinceSeconds, durationSeconds, final && 'final'].filter((part) => part !== undefined).join(', ')})`,
  );
}

describe('Hysteresis', () => {
  it('should come at onset, stay between the thresholds, and go below offset', () => {
    expect(run({}, [0.4, 0.5, 0.4, 0.3, 0.29, 0.4, 0.49])).toEqual(['onset@1(1)', 'offset@4(4, 3)']);
  });

  it('should take no single frame for an event, whatever the frame rate', () => {
    expect(run({ minDurationOnSeconds: 0.5 }, [0.1, 0.9, 0.1, 0.1])).toEqual([]);
    expect(run({ minDurationOnSeconds: 0.5 }, [0.1, 0.9, 0.1, 0.1], (i) => 100 * i)).toEqual([]);
  });

  it('should report from when it was there, once it was there long enough', () => {
    expect(run({ minDurationOnSeconds: 2 }, [0.1, 0.6, 0.4, 0.4, 0.1])).toEqual(['onset@3(1)', 'offset@4(4, 3)']);
  });

  it('should bridge gaps that are shorter than minDurationOff', () => {
    expect(run({ minDurationOffSeconds: 2 }, [0.6, 0.1, 0.6, 0.1, 0.1, 0.1])).toEqual(['onset@0(0)', 'offset@5(3, 3)']);
  });

  it('should bring no new onset while it cools down', () => {
    expect(run({ coolDownSeconds: 3 }, [0.6, 0.1, 0.6, 0.6, 0.6, 0.1])).toEqual([
      'onset@0(0)',
      'offset@1(1, 1)',
      'onset@4(2)',
      'offset@5(5, 3)',
    ]);
  });

  it('should turn what is on off when the stream ends, and mark it', () => {
    expect(run({}, [0.6, 0.6, 0.6])).toEqual(['onset@0(0)', 'offset@2(2, 2, final)']);
    expect(run({ minDurationOnSeconds: 9 }, [0.6, 0.6])).toEqual([]);
  });

  it('should count a jump back in time as no time', () => {
    // 0, 1, 2, then the file starts again: 0, 1.
    expect(run({ minDurationOffSeconds: 1 }, [0.6, 0.6, 0.6, 0.1, 0.1], (i) => i % 3)).toEqual([
      'onset@0(0)',
      'offset@4(0, 2)',
    ]);
  });

  it('should survive a probability that is not a number', () => {
    expect(run({}, [Number.NaN, 0.6, Number.NaN, 0.6])).toEqual([
      'onset@1(1)',
      'offset@2(2, 1)',
      'onset@3(3)',
      'offset@3(3, 0, final)',
    ]);
  });

  it('should alternate onset and offset per label, from onset to offset, for any probabilities, times and options', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const seconds = fc.double({ min: 0, max: 3, noNaN: true });
    const options = fc.record({
      low: unit,
      high: unit,
      minDurationOnSeconds: seconds,
      minDurationOffSeconds: seconds,
      coolDownSeconds: seconds,
    });
    const frames = fc.array(
      fc.record({
        step: fc.double({ min: -1, max: 2, noNaN: true }),
        probabilities: fc.array(unit, { minLength: 3, maxLength: 3 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(options, frames, ({ low, high, ...durations }, sequence) => {
        const thresholds = { onsetProbability: Math.max(low, high), offsetProbability: Math.min(low, high) };
        const states = new Hysteresis(targetsOf(['a', 'b', 'c'], {}), { ...thresholds, ...durations });
        let now = 0;
        const events = sequence.flatMap(({ step, probabilities }, index) => {
          now += step;
          const frame = { stream: 's', sequence: index, presentationSeconds: now };
          return states.update({ ...frame, probabilities: Float32Array.from(probabilities) });
        });
        const on = new Set(states.on);
        for (const label of ['a', 'b', 'c']) {
          const mine = events.filter((event) => event.label === label);
          mine.forEach(({ kind }, i) => expect(kind).toBe(i % 2 === 0 ? 'onset' : 'offset'));
          expect(on.has(label)).toBe(mine.length % 2 === 1);
          for (const { durationSeconds } of mine) expect(durationSeconds ?? 0).toBeGreaterThanOrEqual(0);
        }
        expect(new Set(states.finish().map(({ label, kind }) => `${kind} ${label}`))).toEqual(
          new Set([...on].map((label) => `offset ${label}`)),
        );
        expect(states.finish()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the defaults, with one second of smoothing', () => {
  /** Events of a scene in which one of a thousand classes has the given probability in each frame. */
  function scene(framesPerSecond: number, probabilities: number[]): string[] {
    const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const smoother = createSmoother({ decision: 'softmax', labels, temperature: 1 }, { timeConstantSeconds: 1 });
    const states = new Hysteresis(targetsOf(labels, {}), defaultHysteresis('softmax'));
    const events = probabilities.flatMap((probability, sequence) => {
      const rest = Math.log((1 - probability) / 999);
      const logits = Float32Array.from(labels, (_, i) => (i === 7 ? Math.log(probability) : rest));
      const presentationSeconds = sequence / framesPerSecond;
      const scores = smoother({ presentationSeconds, logits: [logits] });
      return states.update({ stream: 's', sequence, presentationSeconds, ...scores });
    });
    return [...events, ...states.finish()].map(({ kind, label }) => `${kind} ${label}`);
  }
  const repeat = (count: number, value: number) => Array.from({ length: count }, () => value);

  it.each([1, 5, 15, 30])('should bring no event of one wrong frame of 0.54 among 0.05, at %i frames/s', (rate) => {
    expect(scene(rate, [...repeat(30, 0.05), 0.54, ...repeat(30, 0.05)])).toEqual([]);
    expect(scene(rate, [0.54, ...repeat(30, 0.05)])).toEqual([]);
  });

  it.each([5, 15, 30])('should bring one onset and one offset of an object at 0.4 to 0.6, at %i frames/s', (rate) => {
    const there = Array.from({ length: 5 * rate }, (_, i) => 0.5 + 0.1 * Math.sin(i));
    expect(scene(rate, [...repeat(3 * rate, 0.02), ...there, ...repeat(5 * rate, 0.02)])).toEqual([
      'onset class 7',
      'offset class 7',
    ]);
  });
});

describe('hysteresis', () => {
  const frame = (sequence: number, probability: number) => ({
    stream: 's',
    sequence,
    presentationSeconds: sequence,
    probabilities: Float32Array.of(probability),
  });
  const values = { n: frame(0, 0), y: frame(1, 0.75), z: frame(2, 0.125) };
  const event = { stream: 's', label: 'thing', probability: 0.75, presentationSeconds: 1, sequence: 1 };
  const N = { ...event, kind: 'onset', sinceSeconds: 1 };
  const F = {
    ...N,
    kind: 'offset',
    probability: 0.125,
    presentationSeconds: 2,
    sequence: 2,
    sinceSeconds: 2,
    durationSeconds: 1,
  };
  const E = { ...event, kind: 'offset', sinceSeconds: 1, durationSeconds: 0, final: true };

  it.each([
    ['should emit the changes', 'n-y-z-|', '--N-F-|', '^-----!'],
    ['should turn off what is on before it completes', 'n-y--|', '--N--(E|)', '^----!'],
    ['should turn off what is on before it fails', 'n-y--#', '--N--(E#)', '^----!'],
  ])('%s', (_, source, expected, subscription) => {
    virtualTime().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(source, values);
      expectObservable(source$.pipe(hysteresis(new Hysteresis(thing, immediate)))).toBe(expected, { N, F, E });
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    });
  });

  it('should leave on what goes on with another source', () => {
    virtualTime().run(({ hot, expectObservable }) => {
      const states = new Hysteresis(thing, immediate);
      expectObservable(hot('n-y-|', values).pipe(hysteresis(states, () => true))).toBe('--N-|', { N });
      expectObservable(hot('------z-|', values).pipe(hysteresis(states))).toBe('------F-|', { F });
    });
  });
});
