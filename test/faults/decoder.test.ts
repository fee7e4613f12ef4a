import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Frame } from '../../src/domain/frame.ts';
import type { SourceOptions } from '../../src/video/source/source.ts';
import { Camera, cameraMissing, cameraNote, rtspUrl, type Served } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { FaultyNetwork } from '../rig/faulty-network.ts';
import { corruptPayloads, shiftTimestamps } from '../rig/interleaved.ts';
import { temporaryDirectory } from '../support/videos.ts';
import { open } from '../video/support.ts';

const rate = 10;
const within = { timeout: 120_000, interval: 50 };

describe.skipIf(cameraMissing !== undefined)(`the decoder of a camera${cameraNote}`, () => {
  const directory = temporaryDirectory();
  let camera: Camera;
  let network: FaultyNetwork;
  let small: Served;
  let large: Served;
  beforeAll(async () => {
    small = { rate, video: makeElementaryStream(join(directory.path, 'small.h264'), { size: '320x240', rate }) };
    large = { rate, video: makeElementaryStream(join(directory.path, 'large.h264'), { size: '640x480', rate }) };
    camera = await Camera.start({ door: small });
    network = await FaultyNetwork.start(() => camera.port);
  });
  beforeEach(() => {
    network.mode = 'forward';
    network.edit = undefined;
  });
  afterAll(async () => {
    await network[Symbol.asyncDispose]();
    await camera[Symbol.asyncDispose]();
    directory.remove();
  });

  /** Opens the camera through the network; every frame is given back at once. */
  async function watch(options: Partial<SourceOptions> = {}) {
    const { source, drops } = await open(rtspUrl(network.port, 'door'), { lossless: false, slots: 4, ...options });
    const frames: Omit<Frame, 'pixels'>[] = [];
    let end: unknown;
    const subscription = source.frames$.subscribe({
      next: ({ pixels, ...frame }) => {
        frames.push(frame);
        source.release(pixels);
      },
      error: (error: unknown) => (end = error),
      complete: () => (end = 'completed'),
    });
    const close = async () => {
      subscription.unsubscribe();
      await source.exited;
    };
    const more = (count: number) => {
      const before = frames.length;
      return expect.poll(() => frames.length, within).toBeGreaterThanOrEqual(before + count);
    };
    return { frames, drops, more, end: () => end, [Symbol.asyncDispose]: close };
  }

  test('tells of each change of size, and every frame knows its own', async () => {
    const changes: string[] = [];
    await using watched = await watch({
      onResolutionChange: ({ width, height }) => changes.push(`${width}x${height}`),
    });
    await watched.more(5);
    await camera.serve('door', large);
    await expect.poll(() => watched.frames.at(-1)?.native, within).toEqual({ width: 640, height: 480 });
    await camera.serve('door', small);
    await expect.poll(() => watched.frames.at(-1)?.native, within).toEqual({ width: 320, height: 240 });
    expect(changes).toEqual(['640x480', '320x240']);
    const widths = watched.frames.map(({ native }) => native.width);
    expect(widths.filter((width, i) => width !== widths[i - 1])).toEqual([320, 640, 320]);
  });

  test.each([
    ['back', -3600],
    ['forward', 3600],
  ])('goes on at its rate when time stamps jump %s by an hour', async (_, seconds) => {
    await using watched = await watch({ framesPerSecond: 5 });
    await watched.more(10);
    network.edit = shiftTimestamps(seconds);
    const [before, began] = [watched.frames.length, performance.now()];
    await watched.more(20);
    // Filled up, the gap would be 18,000 frames; and until the old time is reached none would come.
    expect(watched.frames.length - before).toBeLessThan(20 + 5 * ((performance.now() - began) / 1000));
    expect(watched.end()).toBeUndefined();
    const times = watched.frames.map(({ presentationSeconds }) => presentationSeconds);
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(10);
  });

  test('counts damaged pictures and goes on', async () => {
    await using watched = await watch();
    await watched.more(5);
    network.edit = corruptPayloads(2);
    await expect
      .poll(() => watched.drops.filter((reason) => reason === 'decode_error').length, within)
      .toBeGreaterThan(3);
    network.edit = undefined;
    await watched.more(10);
    expect(watched.end()).toBeUndefined();
  });

  test('may take longer to connect than it may be silent', async () => {
    network.delayMs = 800;
    await using watched = await watch({ stallSeconds: 1 });
    await expect.poll(() => watched.frames.length > 0 || watched.end() !== undefined, within).toBe(true);
    expect(watched.end()).toBeUndefined();
    network.delayMs = 0;
  });

  test('is ended when the network swallows everything', async () => {
    await using watched = await watch({ stallSeconds: 2 });
    await watched.more(5);
    network.mode = 'black hole';
    await expect.poll(watched.end, within).toMatchObject({ reason: 'timeout' });
  });

  test('fails when the connection is cut, and when the camera is killed', async () => {
    await using cut = await watch();
    await cut.more(5);
    network.cut();
    await expect.poll(cut.end, within).toBeDefined();
    await using killed = await watch();
    await killed.more(5);
    const { port } = camera;
    await camera.kill();
    await expect.poll(killed.end, within).toBeDefined();
    camera = await Camera.start({ door: small }, { port });
  });

  test('holds no more than its buffers when the camera floods and nobody gives back', async () => {
    const { source, drops } = await open(rtspUrl(network.port, 'door'), { lossless: false, slots: 4 });
    const held: Frame[] = [];
    const subscription = source.frames$.subscribe((frame) => held.push(frame));
    await expect.poll(() => held.length, within).toBeGreaterThan(0);
    await camera.serve('door', { rate: 400 });
    await expect.poll(() => drops.filter((reason) => reason === 'backpressure').length, within).toBeGreaterThan(400);
    expect(held).toHaveLength(4);
    subscription.unsubscribe();
    await source.exited;
    await camera.serve('door', { rate });
  });
});
