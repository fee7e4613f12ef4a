/** A part of a file has the frames that the whole has there: the same times, the same pixels. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/domain/frame.ts';
import type { Part } from '../../../src/domain/part.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { partedSource } from '../../../src/video/source/parted-source.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import type { SourceOptions } from '../../../src/video/source/source.ts';
import { ffmpeg as make, makePicture, makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, readAll, type Read } from '../support.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const at = (name: string) => join(directory.path, name);
const seconds = 24;

beforeAll(() => {
  makeVideo(at('whole.mp4'), { seconds, output: ['-g', '70', '-bf', '3'] });
  const copied = (name: string, ...args: string[]) => make(...args, '-i', at('whole.mp4'), '-c', 'copy', at(name));
  copied('whole.mkv');
  copied('edits.mp4', '-ss', '2.55');
  make('-i', at('whole.mp4'), '-c', 'copy', '-an', at('bare.h264'));
  // Sound begins earlier, and all of it late; groups of pictures are open.
  const open = ['-x264-params', 'open-gop=1:keyint=70:bframes=3', '-c:v', 'libx264'];
  const sound = ['-f', 'lavfi', '-i', `sine=d=${seconds}`, '-c:a', 'aac', ...open];
  make('-i', at('whole.mp4'), ...sound, '-output_ts_offset', '1000', at('late.ts'));
  make('-i', at('late.ts'), '-c', 'copy', '-output_ts_offset', '9000', at('later.ts'));
  writeFileSync(at('jump.ts'), Buffer.concat(['late.ts', 'later.ts'].map((name) => readFileSync(at(name)))));
  const every = 'select=lt(mod(n\\,7)\\,3)';
  make('-i', at('whole.mp4'), '-vf', every, '-fps_mode', 'vfr', '-g', '30', '-bf', '2', at('varying.mp4'));
  make('-i', at('whole.mp4'), '-r', '30000/1001', '-c:v', 'mpeg4', '-g', '40', at('ticks.avi'));
  const bytes = readFileSync(at('whole.mkv'));
  writeFileSync(at('cut.mkv'), bytes.subarray(0, (2 * bytes.length) / 3));
});

async function read(name: string, part?: Part, options: Partial<SourceOptions> = {}): Promise<Read> {
  const spec = partedSource(parseSource(at(name)), part);
  return readAll(at(name), { spec, info: await probe(spec, ffmpeg), ...options });
}

function said({ presentationSeconds, pixels }: Frame): string {
  return `${presentationSeconds.toFixed(6)} ${createHash('md5').update(pixels).digest('hex')}`;
}

const to = (startSeconds: number, durationSeconds = Infinity): Part => ({ startSeconds, durationSeconds });
const parts = [to(0.3, 1.2), to(13.01, 2), to(20.4)];

describe('the frames of a part are those of the whole', () => {
  test.each([
    ['B-frames, an edit list', 'edits.mp4', undefined],
    ['a transport stream that begins late, open groups of pictures', 'late.ts', undefined],
    ['a clock that jumps', 'jump.ts', undefined],
    ['a varying rate', 'varying.mp4', undefined],
    ['a tick of 1001/30000 s', 'ticks.avi', undefined],
    ['no container', 'bare.h264', undefined],
    ['a rate of its own', 'edits.mp4', 3],
  ])('%s (%s)', async (_, name, framesPerSecond) => {
    const { frames: whole, drops: losses } = await read(name, undefined, { framesPerSecond });
    for (const part of parts) {
      const { frames, exit, error, drops } = await read(name, part, { framesPerSecond });
      const from = part.startSeconds - 5e-7;
      const inPart = whole.filter(
        ({ presentationSeconds: time }) => time >= from && time < from + part.durationSeconds,
      );
      expect(frames.map(said)).toEqual(inPart.map(said));
      expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_frame, i) => i));
      // What is decoded on the way there is not its fault.
      expect(drops.length).toBeLessThanOrEqual(losses.length);
      expect(error).toBeUndefined();
      expect(exit.seen?.complete ?? true).toBe(true);
    }
  });

  test('of no length, but one frame', async () => {
    const { frames } = await read('whole.mp4', to(17, 1e-6));
    expect(frames.map(({ presentationSeconds }) => presentationSeconds)).toEqual([17]);
    const { error } = await read('whole.mp4', to(17.01, 1e-6));
    expect(String(error)).toContain('the part from 17.01 s on');
  });

  test('it is entered where that is possible', async () => {
    const info = async (name: string, start: number) =>
      (await probe(partedSource(parseSource(at(name)), to(start)), ffmpeg)).entry?.seconds;
    expect(await info('whole.mp4', 20.4)).toBe(20);
    expect(await info('late.ts', 20.4)).toBe(10);
    expect(await info('late.ts', 5)).toBeUndefined();
    expect(await info('bare.h264', 20.4)).toBeUndefined();
  });

  test('through a pipe, which is left when the part is over', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const writer = spawn('sh', ['-c', 'cat late.ts > pipe'], { cwd: directory.path });
    const ended = once(writer, 'exit');
    const { frames, error } = await read('pipe', to(2, 1));
    expect(error).toBeUndefined();
    expect(frames.map(({ presentationSeconds }) => presentationSeconds.toFixed(1))).toEqual(
      Array.from({ length: 10 }, (_, i) => (2 + i / 10).toFixed(1)),
    );
    await ended;
  });

  test('frames that another opening has delivered are counted in the part', async () => {
    const { frames } = await read('late.ts', to(13, 1), { skipFrames: 4 });
    expect(frames.map(({ presentationSeconds }) => presentationSeconds.toFixed(3))).toEqual(
      [4, 5, 6, 7, 8, 9].map((i) => (13 + i / 10).toFixed(3)),
    );
    expect(frames[0]?.sequence).toBe(4);
  });

  test('at its own pace the time begins with the part', async () => {
    const begun = performance.now();
    const { frames } = await read('late.ts', to(20, 0.5), { realtime: true });
    expect(frames.map(({ presentationSeconds }) => presentationSeconds)).toEqual([20, 20.1, 20.2, 20.3, 20.4]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('what is missing', () => {
  test('of a part of a file that is cut off', async () => {
    const { exit } = await read('cut.mkv', to(10));
    expect(exit.seen?.complete).toBe(false);
    expect(exit.seen?.durationSeconds).toBeCloseTo(14, 1);
    expect(exit.seen?.seconds).toBeLessThan(8);
  });

  test('of it where frames are made to a rate, which fills holes', async () => {
    const { exit } = await read('cut.mkv', to(10), { framesPerSecond: 3 });
    expect(exit.seen?.complete).toBe(false);
    expect(exit.seen?.seconds).toBeLessThan(8);
  });

  test('is nothing where only what lies before the part is damaged', async () => {
    const whole = readFileSync(at('late.ts'));
    const packets = whole.length / 188;
    for (let i = Math.floor(0.62 * packets); i < 0.72 * packets; i++) {
      // Where a frame begins is left as it is.
      const begins = ((whole[188 * i + 1] ?? 0) & 0x40) > 0;
      for (let k = 40; k < 188 && !begins; k++) whole[188 * i + k] = (131 * i + 29 * k * k) & 0xff;
    }
    writeFileSync(at('damaged.ts'), whole);
    expect((await read('damaged.ts', to(12))).drops).not.toEqual([]);
    const part = to(21.5, 2);
    expect((await probe(partedSource(parseSource(at('damaged.ts')), part), ffmpeg)).entry?.seconds).toBe(11);
    const { exit, drops, frames } = await read('damaged.ts', part);
    expect({ seen: exit.seen, drops }).toEqual({ seen: { seconds: 2, durationSeconds: 2, complete: true }, drops: [] });
    expect(frames.map(said)).toEqual((await read('late.ts', part)).frames.map(said));
  });

  test('is what a hole takes that begins before the part, and nothing where it ends there', async () => {
    const bytes = readFileSync(at('whole.mkv'));
    for (let i = 0; i < 2000; i++) bytes[Math.floor(0.62 * bytes.length) + i] = (29 * i * i) & 0xff;
    writeFileSync(at('hole.mkv'), bytes);
    const times = (await read('hole.mkv')).frames.map(({ presentationSeconds }) => presentationSeconds);
    const ends = times.find((time, i) => time - (times[i - 1] ?? 0) > 1) ?? NaN;
    const inHole = await read('hole.mkv', to(ends - 1));
    expect(inHole.exit.seen?.complete).toBe(false);
    expect(inHole.frames[0]?.presentationSeconds).toBe(ends);
    expect((await read('hole.mkv', to(ends + 1.2))).exit.seen?.complete).toBe(true);
  });

  test('is nothing where frames come at a rate before the part, and as they like in it', async () => {
    const select = 'select=lt(t\\,12)+lt(mod(n\\,7)\\,3)';
    make('-i', at('whole.mp4'), '-vf', select, '-fps_mode', 'vfr', '-g', '300', at('changing.ts'));
    const { exit } = await read('changing.ts', to(13, 6));
    expect(exit.seen?.complete).toBe(true);
  });

  test('is nothing where the part ends before the file is cut off', async () => {
    const { exit } = await read('cut.mkv', to(3, 2));
    expect(exit.seen).toEqual({ seconds: 2, durationSeconds: 2, complete: true });
  });

  test('is all of it where the part lies behind that', async () => {
    const { error } = await read('cut.mkv', to(23));
    expect(String(error)).toMatch(/the part from 23 s on of .* must have frames, but there are none/);
  });
});

describe('refused in a sentence', () => {
  test('a start behind the end', async () => {
    await expect(read('whole.mp4', to(90))).rejects.toThrow(/which lasts 24\.00 s, but was 90 s/);
  });

  test('a picture', () => {
    const picture = makePicture(at('a.png'), '32x32', '0x808080');
    expect(() => partedSource(parseSource(picture), to(1))).toThrow(/must be of a video, but .*a\.png is a picture/);
    expect(() => partedSource(parseSource(directory.path), to(0, 1))).toThrow(/is a folder of pictures/);
  });
});
