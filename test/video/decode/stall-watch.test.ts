import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silenceLimits, StallWatch } from '../../../src/video/decode/stall-watch.ts';
import { parseSource, type SourceSpec } from '../../../src/video/source/source-spec.ts';
import { temporaryDirectory } from '../../support/videos.ts';

describe('StallWatch', () => {
  /** While the event loop was late this is ahead of what the timers have been told. */
  const clock = { now: () => performance.now(), date: () => new Date() };
  let stalls: number;
  let lateMs: number;
  let watch: StallWatch;
  beforeEach(() => {
    vi.useFakeTimers();
    const timers = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => timers() + lateMs);
    stalls = 0;
    lateMs = 0;
    watch = new StallWatch(clock, { first: 15, then: 4 }, () => stalls++);
  });
  afterEach(() => {
    watch.stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  const after = (seconds: number) => {
    vi.advanceTimersByTime(1000 * seconds);
    return stalls;
  };

  test('the first frame may take longer than the next one', () => {
    expect(after(14.8)).toBe(0);
    watch.alive();
    expect(after(3.8)).toBe(0);
    expect(after(0.4)).toBe(1);
  });

  test('a source that gives no frame at all has stalled once', () => {
    expect(after(15)).toBe(1);
    expect(after(60)).toBe(1);
  });

  test('every frame begins the limit anew', () => {
    for (let i = 0; i < 10; i++) {
      watch.alive();
      expect(after(3.6)).toBe(0);
    }
  });

  test('silence while the reader waits is not counted, and afterwards anew', async () => {
    watch.alive();
    let free: () => void = () => undefined;
    const waited = watch.whilePaused(new Promise<void>((resolve) => (free = resolve)));
    expect(after(3600)).toBe(0);
    free();
    await waited;
    expect(after(3.8)).toBe(0);
    expect(after(0.4)).toBe(1);
  });

  test('time in which our own loop stood still is not counted', () => {
    watch.alive();
    for (let i = 0; i < 5; i++) {
      // The timer fires this much late, before what came meanwhile is read.
      lateMs += 9000;
      expect(after(0.2)).toBe(0);
    }
    expect(after(2.6)).toBe(0);
    expect(after(0.6)).toBe(1);
  });
});

describe('how long a source may be silent', () => {
  const live: SourceSpec = { kind: 'rtsp', live: true, url: 'rtsp://cam/1' };
  const info = { frameRate: 25 };
  using directory = temporaryDirectory();
  const [path, pipe] = [join(directory.path, 'x.mp4'), join(directory.path, 'pipe')];
  writeFileSync(path, 'x');
  execFileSync('mkfifo', [pipe]);
  const file: SourceSpec = { kind: 'file', live: false, path };
  const part = { startSeconds: 3600, durationSeconds: 10 };
  const limits = {
    camera: silenceLimits({ spec: live, info, stallSeconds: 10 }),
    patient: silenceLimits({ spec: live, info, stallSeconds: 30 }),
    unknown: silenceLimits({ spec: live, info: {}, stallSeconds: 10 }),
    timeLapse: silenceLimits({ spec: live, info: { frameRate: 0.05 }, stallSeconds: 10 }),
    thinned: silenceLimits({ spec: live, info, framesPerSecond: 0.1, stallSeconds: 10 }),
    file: silenceLimits({ spec: file, info, stallSeconds: 10 }),
    pictures: silenceLimits({ spec: { kind: 'folder', live: false, path, files: [path] }, info, stallSeconds: 10 }),
    pipe: silenceLimits({ spec: parseSource(pipe), info, stallSeconds: 10 }),
    realtime: silenceLimits({ spec: file, info: { frameRate: 0.05 }, realtime: true, stallSeconds: 10 }),
    part: silenceLimits({ spec: { ...file, part }, info, realtime: true, stallSeconds: 10 }),
  };

  test('a live one: what is configured, with time to connect', () => {
    expect(limits.camera).toEqual({ first: 15, then: 10 });
    expect(limits.patient).toEqual({ first: 30, then: 30 });
    expect(limits.unknown).toEqual({ first: 15, then: 10 });
  });

  test('one with few frames: some of their intervals', () => {
    expect(limits.timeLapse).toEqual({ first: 60, then: 60 });
    expect(limits.thinned.then).toBeCloseTo(30);
    expect(limits.realtime).toEqual({ first: 60, then: 60 });
  });

  test('a part of a file: for ever until it has come there', () => {
    expect(limits.part).toEqual({ first: Infinity, then: 10 });
  });

  test('a file on a disk and pictures: for ever; what comes through a pipe not', () => {
    expect(limits.file).toEqual({ first: Infinity, then: Infinity });
    expect(limits.pictures).toEqual(limits.file);
    expect(limits.pipe).toEqual({ first: 10, then: 10 });
  });
});
