import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stopped, stopReason } from '../../../src/domain/stop.ts';
import { connection$, ResolutionChange } from '../../../src/daemon/stream/connection.ts';
import { LabelMemory } from '../../../src/daemon/stream/label-memory.ts';
import type { StreamPlan } from '../../../src/daemon/stream/stream-plan.ts';
import { Turnstile } from '../../../src/pipeline/turnstile.ts';
import { fakeCommons, fakePlan, FakeSources, native, streamConfig } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets promises settle; no time passes. */
const settle = () => vi.advanceTimersByTimeAsync(0);

function begun(source = 'rtsp://camera/1', turnstile = new Turnstile({ perKey: 1, total: 8, totalMs: 60_000 })) {
  const config = streamConfig({ source, stall_seconds: 10 });
  const sources = new FakeSources();
  const { commons, heard, states, images } = fakeCommons(sources);
  const interrupting = new AbortController();
  const ends: unknown[] = [];
  const onClassify = vi.fn();
  const asked: { signal: AbortSignal; plan: (plan?: StreamPlan) => Promise<void>; fail: (error: Error) => void }[] = [];
  const plan = (signal: AbortSignal) =>
    new Promise<StreamPlan>((resolve, reject) => {
      asked.push({
        signal,
        plan: async (ready) => {
          resolve(ready ?? (await fakePlan(config)));
          await settle();
        },
        fail: reject,
      });
    });
  const labels = (planned: StreamPlan) => new LabelMemory(planned, commons.happenings);
  const { adapter } = { adapter: () => ({}) as StreamPlan['adapter'] };
  const parts = { config, plan, adapter, skipFrames: () => 0, labels, onFrame: vi.fn(), onClassify };
  const subscription = connection$(parts, { ...commons, turnstile }, interrupting.signal).subscribe({
    error: (error: unknown) => ends.push(error),
    complete: () => ends.push('complete'),
  });
  return { commons, config, sources, asked, heard, states, images, interrupting, ends, parts, subscription };
}

describe('a connection', () => {
  it('gives every image and every buffer back', async () => {
    const { asked, sources, images, parts } = begun();
    await asked[0]?.plan();
    for (let i = 0; i < 3; i++) {
      sources.last.give();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(images).toEqual({ taken: 3, back: 3 });
    expect(sources.last.released).toHaveLength(3);
    expect(parts.onFrame).toHaveBeenCalledTimes(3);
    expect(parts.onClassify).toHaveBeenCalledTimes(3);
  });

  it('is not over before its decoder is gone: some cameras serve one connection', async () => {
    const { asked, sources, ends } = begun();
    await asked[0]?.plan();
    sources.last.close();
    await settle();
    expect(ends).toEqual([]);
    sources.last.reap();
    await settle();
    expect(ends).toHaveLength(1);
  });

  it('is live with its first frame, stalled after half of its limit, and live again', async () => {
    const { asked, sources, states, heard } = begun();
    expect(states()).toEqual(['connecting']);
    await asked[0]?.plan();
    // However long the first frame takes: that is another limit.
    await vi.advanceTimersByTimeAsync(9000);
    expect(states()).toEqual(['connecting']);
    sources.last.give();
    expect(states()).toEqual(['connecting', 'live']);
    await vi.advanceTimersByTimeAsync(4999);
    sources.last.give();
    await vi.advanceTimersByTimeAsync(4999);
    expect(states()).toEqual(['connecting', 'live']);
    await vi.advanceTimersByTimeAsync(1);
    expect(states()).toEqual(['connecting', 'live', 'stalled']);
    expect(heard('stream_state').at(-1)?.reason).toBe('no frame for 5 s');
    sources.last.give();
    expect(states().at(-1)).toBe('live');
  });

  it('keeps its place before its host until the first frame, and no longer', async () => {
    const turnstile = new Turnstile({ perKey: 1, total: 8, totalMs: 60_000 });
    const first = begun('rtsp://camera/1', turnstile);
    const second = begun('rtsp://camera/2', turnstile);
    const elsewhere = begun('rtsp://other/1', turnstile);
    await first.asked[0]?.plan();
    expect([second.asked.length, elsewhere.asked.length]).toEqual([0, 1]);
    expect(second.heard('connecting')).toEqual([]);
    first.sources.last.give();
    expect(second.asked).toHaveLength(1);
    expect(second.heard('connecting')).toHaveLength(1);
  });

  it('gives its place to the next when it fails', async () => {
    const turnstile = new Turnstile({ perKey: 1, total: 8, totalMs: 60_000 });
    const first = begun('rtsp://camera/1', turnstile);
    const second = begun('rtsp://camera/2', turnstile);
    const error = new Error('refused');
    first.asked[0]?.fail(error);
    await settle();
    expect(first.ends).toEqual([error]);
    expect(second.asked).toHaveLength(1);
  });

  it('fails when a camera ends its stream, a file does not', async () => {
    for (const [source, end] of [
      ['rtsp://camera/1', 'the source rtsp://camera/1 ended its stream'],
      ['samples/demo.mp4', undefined],
    ] as const) {
      const { asked, sources, ends, states } = begun(source);
      await asked[0]?.plan();
      sources.last.give();
      sources.last.end();
      await settle();
      expect(ends).toEqual([end === undefined ? 'complete' : expect.objectContaining({ message: end, reason: 'eof' })]);
      expect(states()).toEqual(['connecting', 'live']);
    }
  });

  it('ends with its child, not before: some cameras serve one connection', async () => {
    const { asked, sources, ends, interrupting, commons } = begun();
    await asked[0]?.plan();
    expect(commons.closing.size).toBe(1);
    interrupting.abort(new Stopped('paused'));
    await settle();
    expect(stopReason(sources.last.parts.signal)).toBe('paused');
    expect(ends).toEqual(['complete']);
    expect(commons.closing.size).toBe(0);
  });

  it('keeps a child that is still there among what is waited for', async () => {
    const { asked, sources, ends, commons } = begun();
    await asked[0]?.plan();
    const error = new Error('stalled');
    sources.last.fail(error);
    await settle();
    expect(ends).toEqual([error]);
    expect(commons.closing.size).toBe(1);
    sources.last.reap();
    await settle();
    expect(commons.closing.size).toBe(0);
  });

  it('is begun anew for another size: the frames of it are dropped', async () => {
    const { asked, sources, ends, heard } = begun();
    await asked[0]?.plan();
    sources.last.give();
    await settle();
    const larger = { width: 1920, height: 1080 };
    sources.last.parts.onResolutionChange?.(larger, 1);
    sources.last.give({ native: larger });
    await settle();
    const [change] = ends;
    expect(change).toBeInstanceOf(ResolutionChange);
    expect((change as ResolutionChange).change).toMatchObject({
      info: { native: larger, display: larger, codec: 'h264' },
      skipFrames: 0,
    });
    expect(heard('frame_dropped')).toMatchObject([{ reason: 'geometry' }]);
    expect(heard('prediction')).toHaveLength(1);
    expect(sources.last.released).toHaveLength(2);
  });

  it('is begun anew for another size of a file from that frame on: none is dropped', async () => {
    const { asked, sources, ends, heard } = begun('samples/demo.mp4');
    await asked[0]?.plan();
    sources.last.give();
    await settle();
    const larger = { width: 1920, height: 1080 };
    sources.last.parts.onResolutionChange?.(larger, 1);
    const { sequence } = sources.last.give({ native: larger });
    await settle();
    expect(ends).toMatchObject([{ change: { info: { native: larger }, skipFrames: sequence } }]);
    expect(heard('frame_dropped')).toEqual([]);
    expect(heard('prediction')).toHaveLength(1);
  });

  it('is begun anew where only the shape of the pixels changes', async () => {
    const { asked, sources, ends } = begun();
    await asked[0]?.plan();
    sources.last.give();
    await settle();
    sources.last.parts.onResolutionChange?.(native, 2);
    sources.last.give();
    await settle();
    expect(ends).toMatchObject([
      { change: { info: { native, display: { width: 2 * native.width, height: native.height } } } },
    ]);
  });

  it('tells what will be, what decodes, and each frame', async () => {
    const { asked, sources, heard } = begun();
    await asked[0]?.plan();
    sources.last.parts.onDecoder?.({ hardware: 'vaapi', reason: 'it was there' });
    sources.last.parts.onLost('decode_error');
    sources.last.give();
    await settle();
    expect(heard('planned')).toMatchObject([{ stream: 'door', plan: { codec: 'h264', adapter: 'closed_form' } }]);
    expect(heard('decoder_chosen')).toEqual([
      { type: 'decoder_chosen', stream: 'door', hardware: 'vaapi', reason: 'it was there' },
    ]);
    expect(heard('frame_decoded')).toEqual([{ type: 'frame_decoded', stream: 'door', native }]);
    expect(heard('frame_received')).toHaveLength(2);
    expect(heard('stage_run')).toEqual([{ type: 'stage_run', stage: 'frontend', seconds: 0.003 }]);
  });
});

describe('an interruption', () => {
  it('ends the planning, whose child is waited for elsewhere', async () => {
    const { asked, interrupting, ends, commons, sources } = begun();
    interrupting.abort(new Stopped('shutdown'));
    expect(ends).toEqual(['complete']);
    expect(stopReason(asked[0]!.signal), 'nobody waits for the plan').toBe('closed');
    expect(commons.closing.size).toBe(1);
    asked[0]?.fail(new Error('stopped'));
    await settle();
    expect(commons.closing.size).toBe(0);
    expect(sources.opened).toEqual([]);
  });

  it('opens nothing when it comes between the plan and the classifier', async () => {
    const { asked, interrupting, sources, ends } = begun();
    void asked[0]?.plan();
    for (let i = 0; i < 20 && sources.opened.length === 0; i++) {
      await Promise.resolve();
      interrupting.abort();
    }
    await settle();
    expect(sources.opened).toEqual([]);
    expect(ends).toEqual(['complete']);
  });

  it('lets what is under way be decided', async () => {
    const { asked, sources, interrupting, heard, ends } = begun();
    await asked[0]?.plan();
    sources.last.give();
    interrupting.abort();
    await settle();
    expect(heard('prediction')).toHaveLength(1);
    expect(ends).toEqual(['complete']);
  });
});
