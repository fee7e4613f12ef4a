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

async function begun(config: Parameters<typeof streamConfig>[0]) {
  const plan = await fakePlan(streamConfig(config));
  const sources = new FakeSources();
  const { commons, heard } = fakeCommons(sources);
  const replanned: SourceInfo[] = [];
  const replan = (info: SourceInfo): Promise<StreamPlan> => {
    replanned.push(info);
    return Promise.resolve({ ...plan, info });
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
