import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamAdapters } from '../../../src/daemon/adapters/stream-adapters.ts';
import type { PlannedAdapter } from '../../../src/daemon/stream/stream-plan.ts';
import { SupervisedStream } from '../../../src/daemon/stream/supervised-stream.ts';
import { ConfigurationError, UserError } from '../../../src/domain/errors.ts';
import { Turnstile } from '../../../src/pipeline/turnstile.ts';
import { SourceError, type SourceFailure } from '../../../src/video/source/source-error.ts';
import { fakeCommons, fakePlan, FakeSources, native, streamConfig } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);
const second = (count = 1) => vi.advanceTimersByTimeAsync(1000 * count);

interface Circumstances {
  readonly source?: string;
  readonly enabled?: boolean;
  /** Of planning. */
  readonly error?: Error;
}

function begun({ source = 'rtsp://camera/1', enabled = true, error }: Circumstances = {}) {
  const config = streamConfig({ source, enabled });
  const sources = new FakeSources();
  const { commons, heard, states, told } = fakeCommons(sources);
  const refusal = { error };
  const planned: Parameters<ConstructorParameters<typeof SupervisedStream>[0]['plan']>[0][] = [];
  const fits = { add: vi.fn(), remove: vi.fn() };
  const adapters = {
    choose: vi.fn(),
    switched: vi.fn(() => Promise.resolve()),
    wantsFit: vi.fn(() => Promise.resolve(false)),
  };
  const stream = new SupervisedStream({
    config,
    reconnect: () => ({
      first_delay_seconds: 1,
      longest_delay_seconds: 60,
      healthy_seconds: 10,
      connecting_per_host: 2,
      connecting_total: 8,
    }),
    shared: { ...commons, turnstile: new Turnstile({ perKey: 2, total: 8, totalMs: 60_000 }) },
    adapters: adapters as unknown as StreamAdapters,
    fits,
    watch: { frame: vi.fn() },
    // Next to 1: the waits are their limits.
    random: () => 1 - 2 ** -40,
    plan: (parts) => {
      planned.push(parts);
      return refusal.error === undefined ? fakePlan(config) : Promise.reject(refusal.error);
    },
  });
  const asked = new AbortController();
  const ends: unknown[] = [];
  const subscription = stream.events$(asked.signal).subscribe({
    error: (error: unknown) => ends.push(error),
    complete: () => ends.push('complete'),
  });
  /** Frames for so long, two a second. */
  const frames = async (seconds: number) => {
    for (let i = 0; i <= 2 * seconds; i++) {
      sources.last.give();
      if (i < 2 * seconds) await vi.advanceTimersByTimeAsync(500);
    }
  };
  /** The present connection ends with this; its child is gone. */
  const broken = async (error: Error = new SourceError('it broke off', 'eof')) => {
    sources.last.fail(error);
    sources.last.reap();
    await settle();
  };
  return {
    stream,
    sources,
    states,
    heard,
    told,
    refusal,
    planned,
    fits,
    adapters,
    asked,
    ends,
    frames,
    broken,
    subscription,
  };
}

describe('a stream that fails', () => {
  it('comes back, each time later than the last, up to the limit', async () => {
    const { planned, states, heard } = begun({ error: new SourceError('nothing listens', 'refused') });
    await settle();
    const [first] = heard('stream_state').filter(({ state }) => state === 'backing_off');
    for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const before = planned.length;
      await vi.advanceTimersByTimeAsync(1000 * wait - 10);
      expect(planned).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(10);
      expect(planned).toHaveLength(before + 1);
    }
    expect(states().slice(0, 3)).toEqual(['connecting', 'backing_off', 'connecting']);
    expect(first?.reason).toBe('nothing listens; next attempt in 1.0 s');
    expect(heard('connect_failed').map(({ reason }) => reason)).toEqual(Array(9).fill('refused'));
    expect(heard('decoder_restarted')).toEqual([]);
  });

  it('waits as at first when it was healthy for long enough, and longer when it was not', async () => {
    const error = new SourceError('nothing listens', 'refused');
    const { refusal, planned, sources, frames, broken } = begun({ error });
    await settle();
    await second(1);
    await second(2);
    refusal.error = undefined;
    await second(4);
    await frames(9);
    expect(planned).toHaveLength(4);
    await broken();
    await second(7);
    expect(planned).toHaveLength(4);
    await second(1);
    expect(planned).toHaveLength(5);
    await frames(10);
    await broken();
    await second(1);
    expect(planned).toHaveLength(6);
    expect(sources.opened).toHaveLength(3);
  });

  it('tells how it broke: stalled or exited, not as an attempt that failed', async () => {
    const { heard, frames, broken } = begun();
    await settle();
    await frames(1);
    await broken(new SourceError('no frame came', 'timeout'));
    await second(1);
    await frames(1);
    await broken();
    expect(heard('decoder_restarted').map(({ reason }) => reason)).toEqual(['stalled', 'exited']);
    expect(heard('connect_failed')).toEqual([]);
    expect(heard('fault')).toEqual([]);
  });

  it.each<[SourceFailure, string]>([
    ['auth', 'auth'],
    ['hardware', 'other'],
    ['dns', 'dns'],
  ])('%s is counted as %s', async (reason, label) => {
    const { heard } = begun({ error: new SourceError('no', reason) });
    await settle();
    expect(heard('connect_failed')).toMatchObject([{ reason: label }]);
  });

  it('takes a refused password for a camera without a connection left where it was taken before', async () => {
    const { refusal, heard, frames, broken } = begun();
    await settle();
    await frames(1);
    refusal.error = new SourceError('no', 'auth');
    await broken();
    await second(1);
    expect(heard('connect_failed')).toMatchObject([{ reason: 'busy' }]);
  });

  it.each<[string, Error, string, boolean]>([
    ['a wrong configuration', new ConfigurationError('the region lies outside'), 'failed', false],
    ['a fault of the program', new TypeError('x is not a function'), 'failed', true],
    ['no hardware', new SourceError('no driver', 'hardware'), 'failed', false],
    ['a refused password', new SourceError('refused', 'auth'), 'backing_off', false],
  ])('%s is tried again, but not soon', async (_, error, state, isFault) => {
    const { planned, states, heard, ends } = begun({ error });
    await settle();
    expect(states().at(-1)).toBe(state);
    expect(heard('fault').map((fault) => fault.error)).toEqual(isFault ? [error] : []);
    await second(59.9);
    expect(planned).toHaveLength(1);
    await second(0.2);
    expect(planned).toHaveLength(2);
    expect(ends).toEqual([]);
  });

  it('is not tried again where it is a file, until it is asked for', async () => {
    const error = new UserError('it is no video');
    const { stream, planned, heard } = begun({ source: 'samples/demo.mp4', error });
    await settle();
    expect(heard('stream_state').at(-1)).toMatchObject({ state: 'failed', reason: 'it is no video' });
    await second(7200);
    expect(planned).toHaveLength(1);
    stream.restart();
    await settle();
    expect(planned).toHaveLength(2);
    expect(heard('decoder_restarted')).toMatchObject([{ reason: 'requested' }]);
  });
});

describe('a change of the size', () => {
  const larger = { width: 1920, height: 1080 };

  async function changed(begun: { sources: FakeSources }) {
    begun.sources.last.parts.onResolutionChange?.(larger, 1);
    begun.sources.last.give({ native: larger });
    await settle();
  }

  it('is followed at once, without looking at the source again', async () => {
    const camera = begun();
    await settle();
    await camera.frames(1);
    await changed(camera);
    expect(camera.planned).toHaveLength(2);
    expect(camera.planned[1]?.info).toMatchObject({ native: larger });
    expect(camera.adapters.switched).toHaveBeenCalledOnce();
    expect(camera.heard('resolution_changed')).toEqual([
      { type: 'resolution_changed', stream: 'door', native: larger },
    ]);
    expect(camera.heard('decoder_restarted')).toMatchObject([{ reason: 'resolution_change' }]);
  });

  it('is followed by a file from that frame on, however often', async () => {
    const file = begun({ source: 'samples/demo.mp4' });
    await settle();
    const places: (number | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      file.sources.last.give();
      await changed(file);
      places.push(file.sources.last.parts.skipFrames);
    }
    expect(file.planned).toHaveLength(7);
    expect(places).toEqual([1, 2, 3, 4, 5, 6]);
    expect(file.heard('frame_dropped')).toEqual([]);
    expect(file.ends).toEqual([]);
  });

  it('leaves on what is seen, and not where the source cannot be opened again', async () => {
    const camera = begun();
    await settle();
    await camera.frames(3);
    await changed(camera);
    await camera.frames(3);
    const kinds = () => camera.heard('event').map(({ event: { kind, final } }) => [kind, final]);
    expect(kinds()).toEqual([['onset', undefined]]);
    camera.refusal.error = new SourceError('no', 'refused');
    await changed(camera);
    expect(kinds()).toEqual([
      ['onset', undefined],
      ['offset', true],
    ]);
  });

  it('ends what is seen where the stream is paused at that moment', async () => {
    const camera = begun();
    await settle();
    await camera.frames(3);
    camera.sources.last.parts.onResolutionChange?.(larger, 1);
    camera.sources.last.give({ native: larger });
    camera.stream.pause();
    await settle();
    expect(camera.heard('event').map(({ event: { kind } }) => kind)).toEqual(['onset', 'offset']);
    expect(camera.planned).toHaveLength(1);
  });

  it('ends what is seen before a wait, where the size flutters', async () => {
    const camera = begun();
    await settle();
    for (let i = 0; i < 5; i++) {
      await camera.frames(1);
      expect(camera.heard('event').map(({ event: { kind } }) => kind)).toEqual(['onset']);
      await changed(camera);
    }
    expect(camera.heard('event').map(({ event: { kind } }) => kind)).toEqual(['onset', 'offset']);
    await second(0.5);
    expect(camera.planned).toHaveLength(5);
  });

  it('is followed later by one that flutters', async () => {
    const camera = begun();
    await settle();
    for (let i = 0; i < 4; i++) {
      camera.sources.last.give();
      await changed(camera);
    }
    expect(camera.planned).toHaveLength(5);
    camera.sources.last.give();
    await changed(camera);
    expect(camera.planned).toHaveLength(5);
    expect(camera.heard('stream_state').at(-1)?.reason).toContain('its size changes all the time');
    await second(1);
    expect(camera.planned).toHaveLength(6);
    // What was known of the new size holds for one attempt.
    await camera.broken();
    await second(60);
    expect(camera.planned.at(-1)?.info).toBeUndefined();
  });
});

describe('what is asked of a stream', () => {
  it('pauses, and resumes at once', async () => {
    const { stream, sources, states, heard } = begun();
    await settle();
    sources.last.give();
    stream.pause();
    await settle();
    expect(sources.last.parts.signal.aborted).toBe(true);
    expect(heard('stream_state').at(-1)).toMatchObject({ state: 'disabled', reason: 'paused' });
    expect(() => stream.restart()).toThrow('the stream door must not be paused to be restarted; resume it');
    await second(600);
    expect(sources.opened).toHaveLength(1);
    stream.resume();
    await settle();
    expect(sources.opened).toHaveLength(2);
    expect(states().at(-1)).toBe('connecting');
  });

  it('begins paused where it is not enabled', async () => {
    const { planned, heard } = begun({ enabled: false });
    await settle();
    expect(planned).toEqual([]);
    expect(heard('stream_state')).toMatchObject([{ state: 'disabled', reason: 'not enabled' }]);
  });

  it('ends in order when it is asked to, also while it waits', async () => {
    const live = begun();
    await settle();
    live.sources.last.give();
    live.asked.abort();
    await settle();
    expect(live.ends).toEqual(['complete']);
    expect(live.heard('prediction')).toHaveLength(1);
    const waiting = begun({ error: new SourceError('nothing listens', 'refused') });
    await settle();
    waiting.asked.abort();
    expect(waiting.ends).toEqual(['complete']);
  });

  it('takes another adapter between two frames', async () => {
    const { stream, heard } = begun();
    await settle();
    const adapter = { id: '9f3c', weights: {} } as unknown as PlannedAdapter;
    stream.useAdapter(adapter, 'rolled_back');
    expect(stream.adapter).toBe(adapter);
    expect(heard('adapter_swapped')).toEqual([{ type: 'adapter_swapped', stream: 'door', result: 'rolled_back' }]);
    expect(heard('adapter_active')).toEqual([
      { type: 'adapter_active', stream: 'door', id: 'closed_form', native },
      { type: 'adapter_active', stream: 'door', id: '9f3c', native },
    ]);
  });

  it('looks for the active adapter again, and takes it where it is another one', async () => {
    const { stream, adapters, heard } = begun();
    await stream.refreshAdapter();
    expect(adapters.choose).not.toHaveBeenCalled();
    await settle();
    adapters.choose.mockResolvedValue({ id: 'closed_form', weights: {} });
    await stream.refreshAdapter();
    expect(heard('adapter_swapped')).toEqual([]);
    adapters.choose.mockResolvedValue({ id: '9f3c', weights: {} });
    await stream.refreshAdapter();
    expect(heard('adapter_swapped')).toMatchObject([{ result: 'applied' }]);
    expect(stream.adapter?.id).toBe('9f3c');
  });

  it('asks for a fit where it wants one', async () => {
    const { adapters, fits, asked, stream } = begun();
    adapters.wantsFit.mockResolvedValue(true);
    await settle();
    expect(fits.add).toHaveBeenCalledWith('door');
    expect(stream.plan?.name).toBe('door');
    asked.abort();
  });
});
