import { beforeEach, describe, expect, it } from 'vitest';
import type { StateEvent } from '../../src/domain/event.ts';
import type { PlanFacts } from '../../src/domain/happening.ts';
import type { ScoredPrediction } from '../../src/domain/prediction.ts';
import { StreamBoard } from '../../src/output/stream-board.ts';

const stream = 'door';

describe('StreamBoard', () => {
  let now = 0;
  let board: StreamBoard;
  beforeEach(() => {
    now = 0;
    board = new StreamBoard({ now: () => now, date: () => new Date(now) });
    board.subscriber({ type: 'stream_added', stream });
  });

  const decide = (ageSeconds: number) => {
    const prediction = {
      capturedAt: now - 1000 * ageSeconds,
      decidedAt: now,
      probabilities: Float32Array.of(0.1, 0.6, 0.3),
    } as ScoredPrediction;
    board.subscriber({ type: 'prediction', stream, prediction, labels: ['cup', 'cat', 'dog'] });
  };
  const event = (kind: StateEvent['kind'], label: string) =>
    board.subscriber({ type: 'event', stream, event: { kind, label } as StateEvent });

  it('should know nothing of a stream that has just come, and forget one that has gone', () => {
    expect(board.read(stream)).toEqual({
      state: 'connecting',
      reason: undefined,
      native: undefined,
      age: undefined,
      framesPerSecond: 0,
      lastFrameAt: undefined,
      best: undefined,
      on: [],
      progress: undefined,
      ended: false,
    });
    board.subscriber({ type: 'stream_removed', stream });
    board.subscriber({ type: 'stream_state', stream, state: 'live' });
    decide(0.1);
    expect([board.names(), board.read(stream)]).toEqual([[], undefined]);
  });

  it('should know how far a source with an end is, and whether it is over', () => {
    const seen = (presentationSeconds: number) => {
      const prediction = { presentationSeconds, probabilities: Float32Array.of(1) } as ScoredPrediction;
      board.subscriber({ type: 'prediction', stream, prediction, labels: ['cup'] });
    };
    const planned = (plan: Partial<PlanFacts>) =>
      board.subscriber({ type: 'planned', stream, plan: { pace: 'whole', ...plan } as PlanFacts });
    planned({ durationSeconds: 2 });
    expect(board.read(stream)?.progress).toBeUndefined();
    // Its own clock need not begin at 0; the last frame lasts as long as the one before.
    for (const at of [10, 10.5, 11]) seen(at);
    now = 3000;
    expect(board.read(stream)?.progress).toEqual({ done: 1.5, total: 2, unit: 'seconds', elapsedSeconds: 3 });
    seen(11.5);
    board.subscriber({ type: 'stream_ended', stream });
    now = 9000;
    expect(board.read(stream)).toMatchObject({ ended: true, progress: { done: 2, elapsedSeconds: 3 } });
    planned({ pictures: 7 });
    expect(board.read(stream)?.progress).toMatchObject({ done: 4, total: 7, unit: 'pictures' });
    planned({ pace: 'live', durationSeconds: 2 });
    expect(board.read(stream)?.progress).toBeUndefined();
  });

  it('should have the rate of the last five seconds, from the second frame on', () => {
    decide(0.1);
    expect(board.read(stream)?.framesPerSecond).toBe(0);
    for (let i = 0; i < 20; i++) {
      now += 100;
      decide(0.1);
      expect(board.read(stream)?.framesPerSecond).toBeCloseTo(10);
    }
    expect(board.framesPerSecond()).toBeCloseTo(10);
    now += 4000;
    expect(board.read(stream)?.framesPerSecond).toBeCloseTo(10 / 5, 0);
    now += 2000;
    expect(board.read(stream)?.framesPerSecond).toBe(0);
  });

  it('should have the ages of the last minute or two', () => {
    for (let i = 0; i < 10; i++) decide(2);
    expect(board.read(stream)?.age?.p99).toBeCloseTo(2, 1);
    for (let minute = 0; minute < 2; minute++) {
      now += 61_000;
      decide(0.1);
      // Of a minute that has just begun there is too little yet.
      if (minute === 0) expect(board.read(stream)?.age?.p99).toBeCloseTo(2, 1);
      for (let i = 0; i < 10; i++) decide(0.1);
    }
    expect(board.read(stream)?.age?.p99).toBeCloseTo(0.1, 2);
  });

  it('should say the state with its reason, the newest frame, the likeliest label and what is on', () => {
    board.subscriber({ type: 'stream_state', stream, state: 'stalled', reason: 'no frame for 5 s' });
    now = 7000;
    board.subscriber({ type: 'frame_decoded', stream, native: { width: 640, height: 360 } });
    decide(0.1);
    for (const label of ['cat', 'dog']) event('onset', label);
    event('offset', 'cat');
    expect(board.read(stream)).toMatchObject({
      state: 'stalled',
      reason: 'no frame for 5 s',
      native: { width: 640, height: 360 },
      lastFrameAt: new Date(7000),
      best: { label: 'cat', at: new Date(7000) },
      on: ['dog'],
    });
    board.subscriber({ type: 'stream_state', stream, state: 'live' });
    expect(board.read(stream)?.reason).toBeUndefined();
    expect([board.count('live'), board.count('stalled')]).toEqual([1, 0]);
  });
});
