/** What happens when the pictures of a source without supervision become larger. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isLossless, type StreamPlan } from '../../../src/daemon/stream/stream-plan.ts';
import { wholeStream$ } from '../../../src/daemon/stream/whole-stream.ts';
import type { SourceInfo } from '../../../src/video/source/source-info.ts';
import { fakeCommons, fakePlan, FakeSources, native, streamConfig } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);
const larger = { width: 1920, height: 1080 };

async function begun(config: Parameters<typeof streamConfig>[0], refusal?: Error) {
  const plan = await fakePlan(streamConfig(config));
  const sources = new FakeSources();
  const { commons, heard } = fakeCommons(sources);
  const replanned: SourceInfo[] = [];
  const replan = (info: SourceInfo): Promise<StreamPlan> => {
    replanned.push(info);
    return refusal ? Promise.reject(refusal) : Promise.resolve({ ...plan, info });
  };
  const signal = new AbortController().signal;
  const ends: unknown[] = [];
  const complete = () => ends.push('complete');
  wholeStream$(plan, { signal, replan }, commons).subscribe({ error: (error: unknown) => ends.push(error), complete });
  await settle();
  const grow = async (size = larger, ratio = 1) => {
    sources.last.parts.onResolutionChange?.(size, ratio);
    sources.last.give({ native: size });
    await settle();
  };
  return { plan, sources, heard, replanned, ends, grow };
}

it('a file goes on, planned anew, with the frame that was larger', async () => {
  const { sources, heard, replanned, grow } = await begun({ source: 'samples/demo.mp4' });
  sources.last.give();
  await settle();
  await grow();
  expect(replanned).toMatchObject([{ native: larger, display: larger }]);
  expect(sources.opened.map(({ parts }) => parts.skipFrames)).toEqual([0, 1]);
  expect(heard('frame_dropped')).toEqual([]);
  expect(heard('resolution_changed')).toHaveLength(1);
});

it('a camera is opened again at once, from where it is, and the frame that told is counted', async () => {
  const { sources, heard, grow } = await begun({ source: 'rtsp://camera/1' });
  sources.last.give();
  await settle();
  await grow();
  expect(sources.opened.map(({ parts }) => parts.skipFrames)).toEqual([0, 0]);
  expect(heard('frame_dropped')).toMatchObject([{ reason: 'geometry', count: 1 }]);
});

it('the shape of the pixels is followed as well', async () => {
  const { sources, replanned, grow } = await begun({ source: 'samples/demo.mp4' });
  await grow(native, 2);
  expect(replanned).toMatchObject([{ display: { width: 2 * native.width, height: native.height } }]);
  expect(sources.opened).toHaveLength(2);
});

/** What came and went: kind, sequence of the frame that decided, duration, whether it was the end. */
const changes = (heard: ReturnType<typeof fakeCommons>['heard']) =>
  heard('event').map(({ event: { kind, sequence, durationSeconds, final } }) => [
    kind,
    sequence,
    durationSeconds,
    final,
  ]);

it('what is in a file when its pictures become larger is one event', async () => {
  const { sources, heard, ends, grow } = await begun({ source: 'samples/demo.mp4' });
  for (let i = 0; i < 6; i++) sources.last.give();
  await grow();
  for (let i = 0; i < 6; i++) sources.last.give({ native: larger });
  await settle();
  expect(changes(heard)).toEqual([['onset', 1, undefined, undefined]]);
  sources.last.end();
  await settle();
  expect(changes(heard).slice(1)).toEqual([['offset', 11, 5.5, true]]);
  expect(ends).toEqual(['complete']);
});

it('what is seen by a camera as well, whose time begins anew; its event lasts as long as it took', async () => {
  const { sources, heard, grow } = await begun({ source: 'rtsp://camera/1', stall_seconds: 10 });
  for (let i = 0; i < 6; i++) {
    sources.last.give();
    await vi.advanceTimersByTimeAsync(500);
  }
  await grow();
  await vi.advanceTimersByTimeAsync(2000);
  for (let i = 0; i < 6; i++) {
    sources.last.give({ native: larger });
    await vi.advanceTimersByTimeAsync(500);
  }
  sources.last.end();
  await settle();
  expect(changes(heard)).toEqual([
    ['onset', 1, undefined, undefined],
    ['offset', 5, 7.5, true],
  ]);
});

it('after a silence at which a camera is given up there is another event', async () => {
  const { sources, heard, grow } = await begun({ source: 'rtsp://camera/1', stall_seconds: 10 });
  for (let i = 0; i < 6; i++) {
    sources.last.give();
    await vi.advanceTimersByTimeAsync(500);
  }
  await grow();
  await vi.advanceTimersByTimeAsync(12_000);
  for (let i = 0; i < 6; i++) {
    sources.last.give({ native: larger });
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(changes(heard).map(([kind, , duration]) => [kind, duration])).toEqual([
    ['onset', undefined],
    ['offset', 2.5],
    ['onset', undefined],
  ]);
});

it('what is on goes off where the source cannot be planned for its new size', async () => {
  const { sources, heard, ends, grow } = await begun({ source: 'samples/demo.mp4' }, new Error('it is too large'));
  for (let i = 0; i < 6; i++) sources.last.give();
  await grow();
  expect(ends).toMatchObject([{ message: 'it is too large' }]);
  expect(changes(heard).at(-1)).toEqual(['offset', 5, 2.5, true]);
});

it('a file at its own pace says that it drops, once', async () => {
  const { plan, sources, heard, ends, grow } = await begun({ source: 'samples/demo.mp4', realtime: true });
  expect(isLossless(plan)).toBe(false);
  await grow();
  await grow({ width: 64, height: 48 });
  expect(sources.opened).toHaveLength(1);
  expect(heard('frame_dropped')).toMatchObject([{ reason: 'geometry' }, { reason: 'geometry' }]);
  expect(heard('trouble').map(({ sentence }) => sentence)).toEqual([
    expect.stringMatching(/must keep their size .* at its own pace, but are 1920x1080 .* read it whole$/),
  ]);
  expect(ends).toEqual([]);
});
