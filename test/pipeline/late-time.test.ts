/** What is decided, and written, does not depend on how long a source has run. */
import { expect, test } from 'vitest';
import { defaultHysteresis, Hysteresis } from '../../src/pipeline/hysteresis.ts';
import { createSmoother } from '../../src/pipeline/smooth.ts';
import { jsonLine } from '../../src/output/sinks/json-line.ts';

/** A cat of 3 s at 25 frames a second, as lines. */
function lines(begin: number): Record<string, number | string>[] {
  const rule = { decision: 'softmax', labels: ['cat', 'dog'], temperature: 1 } as const;
  const smoother = createSmoother(rule, { timeConstantSeconds: 1 });
  const states = new Hysteresis([{ name: 'cat', indices: [0] }], defaultHysteresis('softmax'));
  return Array.from({ length: 250 }, (_, sequence) => {
    const presentationSeconds = begin + sequence / 25;
    const logits = [Float32Array.from(sequence >= 75 && sequence < 150 ? [4, 0] : [-6, 0])];
    const scores = smoother({ presentationSeconds, logits });
    return states.update({ stream: 'door', sequence, presentationSeconds, ...scores });
  })
    .flat()
    .map(
      (event) =>
        JSON.parse(jsonLine({ type: 'event', stream: 'door', event }, new Date(0))) as Record<string, number | string>,
    );
}

test.each([1e3, 1e5, 1e6, 1e9])('after %d s', (begin) => {
  const early = lines(0);
  expect(early.map(({ kind }) => kind)).toEqual(['onset', 'offset']);
  const late = lines(begin);
  expect(late).toHaveLength(early.length);
  for (const [i, event] of late.entries()) {
    const { presentation_seconds: seconds, since_seconds: since, ...rest } = early[i] ?? {};
    expect(event).toMatchObject({ kind: rest['kind'], sequence: rest['sequence'], label: 'cat' });
    expect(Number(event['presentation_seconds']) - begin).toBeCloseTo(Number(seconds), 5);
    if (since !== undefined) expect(Number(event['since_seconds']) - begin).toBeCloseTo(Number(since), 5);
    expect(Number(event['duration_seconds'] ?? 0)).toBeCloseTo(Number(rest['duration_seconds'] ?? 0), 5);
    expect(Number(event['probability'])).toBeCloseTo(Number(rest['probability']), 4);
  }
});
