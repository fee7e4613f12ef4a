import { of, Subject, type Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LabelMemory } from '../../../src/daemon/stream/label-memory.ts';
import { stream$ } from '../../../src/daemon/stream/stream.ts';
import type { Frame } from '../../../src/domain/frame.ts';
import type { Prediction } from '../../../src/domain/prediction.ts';
import { clock, fakeCommons, fakePlan, FakeSource, streamConfig } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const camera = { source: 'rtsp://camera/1' };
const file = { source: 'samples/demo.mp4' };

/** A stream whose frames are answered when the test says so, in any order. */
async function begun(config: Parameters<typeof streamConfig>[0], concurrency = 2) {
  const { commons, heard } = fakeCommons();
  const { ledger, happenings } = commons;
  const plan = await fakePlan(streamConfig(config));
  const source = new FakeSource(plan, {
    clock,
    batch: commons.batch,
    signal: new AbortController().signal,
    onLost: vi.fn(),
  });
  const asked: { frame: Frame; answer: () => void; fail: (error: Error) => void }[] = [];
  const classify = (frame: Frame) => {
    const answer$ = new Subject<Prediction>();
    asked.push({
      frame,
      answer: () => {
        source.release(frame.pixels);
        answer$.next({ ...frame, decidedAt: clock.now(), logits: [Float32Array.of(4, -4)] });
        answer$.complete();
      },
      fail: (error) => answer$.error(error),
    });
    return answer$;
  };
  const ends: unknown[] = [];
  const subscription: Subscription = stream$(plan, {
    source,
    ledger,
    happenings,
    clock,
    concurrency,
    classify,
    labels: new LabelMemory(plan, happenings),
  }).subscribe({ error: (error: unknown) => ends.push(error), complete: () => ends.push('complete') });
  const predicted = () => heard('prediction').map(({ prediction }) => prediction.sequence);
  return { source, asked, subscription, ends, predicted, heard, counts: () => ledger.counts('door') };
}

describe('a live stream', () => {
  it('decides the newest frame, gives the others back, and says where each went', async () => {
    const { source, asked, predicted, counts } = await begun(camera);
    const frames = [0, 1, 2].map(() => {
      vi.advanceTimersByTime(100);
      return source.give();
    });
    expect(asked.map(({ frame }) => frame.sequence)).toEqual([0]);
    expect(source.released).toEqual([frames[1]?.pixels]);
    asked[0]?.answer();
    expect(asked.map(({ frame }) => frame.sequence)).toEqual([0, 2]);
    expect(counts()).toEqual({ received: 3, classified: 1, dropped: { stale: 1 }, inFlight: 1 });
    asked[1]?.answer();
    expect(predicted()).toEqual([0, 2]);
    expect(source.released).toHaveLength(3);
  });

  it('does not classify again what does not move: it is counted, given back, and the answer before stands', async () => {
    const gate = { motion_gate: { enabled: true, max_still_seconds: 2 } };
    const { source, asked, predicted, counts, heard } = await begun({ ...camera, ...gate });
    for (let second = 0; second < 5; second++) {
      source.give({ presentationSeconds: second });
      asked.pop()?.answer();
      vi.advanceTimersByTime(1000);
    }
    expect(predicted()).toEqual([0, 2, 4]);
    expect(source.released).toHaveLength(5);
    expect(counts()).toEqual({ received: 5, classified: 3, dropped: { still: 2 }, inFlight: 0 });
    // The label comes half a second after its first frame; the next that is seen is a still one.
    expect(heard('event')).toMatchObject([{ event: { kind: 'onset', sequence: 1, presentationSeconds: 1 } }]);
  });

  it('drops what comes too fast', async () => {
    const { source, asked, counts } = await begun({ ...camera, max_frames_per_second: 2 });
    for (let i = 0; i < 6; i++) {
      source.give();
      asked.pop()?.answer();
      vi.advanceTimersByTime(200);
    }
    expect(counts()).toMatchObject({ received: 6, dropped: { rate_limit: 3 }, inFlight: 0 });
    expect(source.released).toHaveLength(6);
  });

  it('drops a frame of another size', async () => {
    const { source, asked, counts } = await begun(camera);
    const frame = source.give({ native: { width: 1920, height: 1080 } });
    expect(asked).toEqual([]);
    expect(source.released).toEqual([frame.pixels]);
    expect(counts()).toEqual({ received: 1, classified: 0, dropped: { geometry: 1 }, inFlight: 0 });
  });

  it('counts what was under way when it is cut off', async () => {
    const { source, subscription, counts } = await begun(camera);
    source.give();
    vi.advanceTimersByTime(100);
    source.give();
    subscription.unsubscribe();
    expect(counts()).toEqual({ received: 2, classified: 0, dropped: { stale: 2 }, inFlight: 0 });
    // The waiting one; the other comes back when its inference lands.
    expect(source.released).toHaveLength(1);
  });

  it('fails where a frame cannot be classified, and counts it', async () => {
    const { source, asked, ends, counts } = await begun(camera);
    source.give();
    const error = new Error('the device has gone');
    asked[0]?.fail(error);
    expect(ends).toEqual([error]);
    expect(counts()).toMatchObject({ dropped: { stale: 1 }, inFlight: 0 });
  });

  it('tells onset and, at its end, the offset of what is on', async () => {
    const { source, asked, ends, heard } = await begun(camera);
    for (let i = 0; i < 3; i++) {
      source.give();
      asked.at(-1)?.answer();
      vi.advanceTimersByTime(500);
    }
    source.end();
    expect(heard('event').map(({ event: { kind, label, final } }) => [kind, label, final])).toEqual([
      ['onset', 'cat', undefined],
      ['offset', 'cat', true],
    ]);
    expect(heard('prediction')[0]?.labels).toEqual(['cat', 'dog']);
    expect(ends).toEqual(['complete']);
  });
});

describe('a file', () => {
  it('is decided whole, in its order, a few frames at a time', async () => {
    const { source, asked, predicted, ends, counts } = await begun(file);
    for (let i = 0; i < 3; i++) source.give();
    source.end();
    expect(asked).toHaveLength(2);
    asked[1]?.answer();
    expect(predicted()).toEqual([]);
    asked[0]?.answer();
    expect(predicted()).toEqual([0, 1]);
    asked[2]?.answer();
    expect(predicted()).toEqual([0, 1, 2]);
    expect(ends).toEqual(['complete']);
    expect(counts()).toEqual({ received: 3, classified: 3, dropped: {}, inFlight: 0 });
  });

  it('behaves as a camera would where that is asked for', async () => {
    const { source, counts } = await begun({ ...file, realtime: true });
    for (let i = 0; i < 3; i++) {
      source.give();
      vi.advanceTimersByTime(100);
    }
    expect(counts().dropped).toEqual({ stale: 1 });
  });
});

it('is never late for an answer that comes at once', async () => {
  const { commons, heard } = fakeCommons();
  const plan = await fakePlan(streamConfig(camera));
  const source = new FakeSource(plan, {
    clock,
    batch: commons.batch,
    signal: new AbortController().signal,
    onLost: vi.fn(),
  });
  const classify = (frame: Frame) => of({ ...frame, decidedAt: clock.now(), logits: [Float32Array.of(4, -4)] });
  const labels = new LabelMemory(plan, commons.happenings);
  const subscription = stream$(plan, { ...commons, source, classify, concurrency: 1, labels }).subscribe();
  for (let i = 0; i < 3; i++) {
    source.give();
    vi.advanceTimersByTime(100);
  }
  expect(heard('prediction')).toHaveLength(3);
  subscription.unsubscribe();
});
