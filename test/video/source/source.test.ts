import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { probe } from '../../../src/video/source/probe.ts';
import { SourceError } from '../../../src/video/source/source-error.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg as run, makePicture, makeVideo, rgbFrame, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, open, planeMeans, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
const plain = makeVideo(at('plain.mp4'), { seconds: 3 });

/** Pixels (packed RGB) to planes G, B, R averaged over blocks: what an area scale by a whole factor is. */
function blockMeans(rgb: Uint8Array, width: number, height: number, factor: number): number[] {
  const means: number[] = [];
  for (const channel of [1, 2, 0]) {
    for (let y = 0; y < height; y += factor) {
      for (let x = 0; x < width; x += factor) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) sum += rgb[((y + dy) * width + x + dx) * 3 + channel]!;
        }
        means.push(sum / factor ** 2);
      }
    }
  }
  return means;
}

describe('pixels', () => {
  test('gbrp: planes green, blue, red, averaged over their area', async () => {
    const path = at('exact.mkv');
    run('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=5:duration=1,format=gbrp', '-c:v', 'ffv1', path);
    const { frames } = await readAll(path, { grid: { width: 40, height: 30 } });
    expect(frames).toHaveLength(5);
    for (const [index, frame] of frames.entries()) {
      expect(frame.pixels).toBeAllClose(blockMeans(rgbFrame(path, index), 160, 120, 4), { rtol: 0, atol: 1.5 });
    }
  });

  const quarters = at('quarters.png');
  const colours = { left: [0, 255, 0], right: [0, 0, 255] };
  const paint = async () => {
    const half = (background: number[]) => ({
      create: {
        width: 80,
        height: 120,
        channels: 3 as const,
        background: { r: background[0]!, g: background[1]!, b: background[2]! },
      },
    });
    await sharp({ create: { width: 160, height: 120, channels: 3, background: 'red' } })
      .composite([
        { input: await sharp(half(colours.left)).png().toBuffer(), left: 0, top: 0 },
        { input: await sharp(half(colours.right)).png().toBuffer(), left: 80, top: 0 },
      ])
      .png()
      .toFile(quarters);
  };

  test('a crop is in display pixels: upright, and wider than coded', async () => {
    await paint();
    const sideways = at('sideways.mp4');
    run(
      '-loop',
      '1',
      '-i',
      quarters,
      '-t',
      '1',
      '-r',
      '5',
      '-vf',
      'setsar=2',
      '-c:v',
      'libx264',
      '-qp',
      '5',
      '-pix_fmt',
      'yuv420p',
      at('coded.mp4'),
    );
    run('-i', at('coded.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', sideways);
    const info = await probe(parseSource(sideways), ffmpeg);
    expect(info.display).toEqual({ width: 60, height: 160 });
    const upper = await readAll(sideways, { crop: { x: 5, y: 5, width: 50, height: 70 } });
    const lower = await readAll(sideways, { crop: { x: 5, y: 85, width: 50, height: 70 } });
    // ffmpeg's own turning is the judge of which half is up.
    const judge = run('-i', sideways, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1');
    const upperIsGreen = judge[1]! > 128;
    const [top, bottom] = upperIsGreen ? [upper, lower] : [lower, upper];
    expect(planeMeans(top.frames[0]!)).toBeAllClose([255, 0, 0], { atol: 12 });
    expect(planeMeans(bottom.frames[0]!)).toBeAllClose([0, 255, 0], { atol: 12 });
  });

  test.each([90, 180, 270])('turned by %i: the same picture as ffmpeg’s own turning gives', async (angle) => {
    const path = at(`turned${angle}.mp4`);
    run('-i', plain, '-c', 'copy', '-metadata:s:v', `rotate=${angle}`, path);
    const { display } = await probe(parseSource(path), ffmpeg);
    const { frames } = await readAll(path, { grid: display });
    expect(frames[0]!.native).toEqual(display);
    const judge = run('-i', path, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1');
    // On average: at edges of colour the two paths interpolate differently. A wrong turn is off by 80.
    const expected = blockMeans(judge, display.width, display.height, 1);
    const difference = expected.reduce((sum, value, i) => sum + Math.abs(value - frames[0]!.pixels[i]!), 0);
    expect(difference / expected.length).toBeLessThan(8);
  });

  test('a picture that is smaller than the grid is made larger', async () => {
    const path = makeVideo(at('small.mp4'), { size: '16x16' });
    const { frames } = await readAll(path, { grid: { width: 64, height: 64 } });
    expect(frames).toHaveLength(20);
  });
});

describe('time and size', () => {
  test('presentation times of a variable rate are those in the file', async () => {
    const path = makeVideo(at('variable.mkv'), {
      output: ['-vf', 'select=not(mod(n\\,7))+not(mod(n\\,3))', '-fps_mode', 'vfr'],
    });
    const listed = execFileSync(
      'ffprobe',
      ['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', path],
      { encoding: 'utf8' },
    );
    const expected = listed
      .trim()
      .split('\n')
      .map((line) => parseFloat(line))
      .filter(Number.isFinite);
    const { frames } = await readAll(path);
    expect(expected.length).toBeGreaterThan(5);
    expect(frames.map((frame) => frame.presentationSeconds)).toBeAllClose(expected, { atol: 2e-3 });
    expect(frames.map((frame) => frame.sequence)).toEqual(expected.map((_, index) => index));
  });

  test.each([1e3, 1e5, 1e6])('after %d s they are exact to the millisecond', async (late) => {
    const path = at(`late-${late}.mkv`);
    // In twelve steps: ffmpeg takes one of more than 30 hours for a fault of the file.
    const time = `setpts='(min(N,12)/12*${late}+0.04*N)/TB'`;
    const passed = ['-fps_mode', 'passthrough', '-enc_time_base', '1/1000'];
    makeVideo(path, { seconds: 2, output: ['-vf', `settb=1/1000,${time}`, ...passed] });
    const { frames } = await readAll(path);
    const expected = frames.map((_, index) => (Math.min(index, 12) / 12) * late + 0.04 * index);
    expect(frames).toHaveLength(20);
    const seconds = frames.map(({ presentationSeconds }) => presentationSeconds);
    expect(seconds).toBeAllClose(expected, { rtol: 0, atol: 1e-3 });
  });

  test('a rate that is asked for', async () => {
    const { frames } = await readAll(plain, { framesPerSecond: 5 });
    expect(frames).toHaveLength(15);
    expect(frames.map((frame) => frame.presentationSeconds)).toBeAllClose(frames.map((_, index) => index / 5));
  });

  test('a change of the resolution within the stream is on every frame, and told once', async () => {
    makeVideo(at('a.h264'), { size: '160x120', seconds: 1 });
    makeVideo(at('b.h264'), { size: '320x240', seconds: 1 });
    const path = at('changing.h264');
    for (const part of ['a.h264', 'b.h264', 'a.h264']) appendFileSync(path, readFileSync(at(part)));
    const told: string[] = [];
    const crop = { x: 80, y: 60, width: 80, height: 60 };
    const { frames, error } = await readAll(path, {
      crop,
      onResolutionChange: ({ width, height }) => told.push(`${width}x${height}`),
    });
    expect(error).toBeUndefined();
    expect(frames.map((frame) => frame.native.width)).toEqual([
      ...Array<number>(10).fill(160),
      ...Array<number>(10).fill(320),
      ...Array<number>(10).fill(160),
    ]);
    expect(told).toEqual(['320x240', '160x120']);
  });

  test('so is one of the shape of the pixels alone, and not what is only rounded', async () => {
    const path = at('shapes.h264');
    for (const ratio of ['12/11', '59/54', '16/11']) {
      makeVideo(at('part.h264'), { size: '160x120', seconds: 1, output: ['-vf', `setsar=${ratio}`] });
      appendFileSync(path, readFileSync(at('part.h264')));
    }
    const told: string[] = [];
    const { frames } = await readAll(path, {
      onResolutionChange: ({ width }, ratio) => told.push(`${width} ${ratio.toFixed(2)}`),
    });
    expect(frames).toHaveLength(30);
    expect(told).toEqual(['160 1.45']);
  });
});

describe('backpressure', () => {
  test('lossless: nothing is lost, and no more frames are out than there are slots', async () => {
    const { source, drops } = await open(plain, { slots: 2, grid: { width: 160, height: 120 } });
    let out = 0;
    let most = 0;
    const sequences: number[] = [];
    await new Promise<void>((resolve, reject) => {
      source.frames$.subscribe({
        next: (frame) => {
          most = Math.max(most, ++out);
          sequences.push(frame.sequence);
          // Given back later, as an inference would.
          setTimeout(() => {
            out--;
            source.release(frame.pixels);
          }, 5);
        },
        error: reject,
        complete: resolve,
      });
    });
    expect(sequences).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(most).toBe(2);
    expect(drops).toEqual([]);
  });

  test('live: what finds no slot is dropped and counted, and the stream goes on', async () => {
    const { source, drops } = await open(plain, { slots: 3, lossless: false });
    const held: number[] = [];
    await new Promise<void>((resolve, reject) => {
      source.frames$.subscribe({ next: (frame) => held.push(frame.sequence), error: reject, complete: resolve });
    });
    const exit = await source.exited;
    expect(held).toEqual([0, 1, 2]);
    expect(drops).toEqual(Array<string>(27).fill('backpressure'));
    expect(exit).toMatchObject({ reason: 'ended', delivered: 3, dropped: 27 });
  });

  test('silence counts only while a frame could have been taken', async () => {
    let now = 0;
    const clock = { now: () => now, date: () => new Date(0) };
    const { source } = await open(plain, { slots: 1, clock, stallSeconds: 10, grid: { width: 160, height: 120 } });
    let received = 0;
    const error = await new Promise<unknown>((resolve) => {
      source.frames$.subscribe({
        next: (frame) => {
          // An hour passes while the reader holds the only slot, for the first frames.
          if (received++ < 2) {
            setTimeout(() => {
              now += 3_600_000;
              setTimeout(() => source.release(frame.pixels), 450);
            }, 100);
          } else source.release(frame.pixels);
        },
        error: resolve,
        complete: () => resolve(undefined),
      });
    });
    expect(error).toBeUndefined();
    expect(received).toBe(30);
  });
});

describe('damaged', () => {
  test('cut off in the middle: the frames that there are, then the end', async () => {
    const path = makeVideo(at('cut.mp4'), { seconds: 4, output: ['-movflags', '+faststart', '-g', '10'] });
    truncateSync(path, Math.round(readFileSync(path).length * 0.6));
    const { frames, error, exit } = await readAll(path);
    expect(error).toBeUndefined();
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.length).toBeLessThan(40);
    expect(exit.reason).toBe('ended');
    expect(exit.lastWords).not.toBe('');
  });

  test('bytes overwritten: damage is counted, the rest is delivered', async () => {
    const path = makeVideo(at('holes.h264'), { seconds: 4, output: ['-g', '10'] });
    const bytes = readFileSync(path);
    for (let i = 2000; i < bytes.length; i += 97) bytes[i] = (bytes[i]! * 7 + 13) % 256;
    writeFileSync(path, bytes);
    const { frames, error, exit, drops } = await readAll(path, { info: await probe(parseSource(plain), ffmpeg) });
    expect(error).toBeUndefined();
    expect(frames.length).toBeGreaterThan(0);
    expect(exit.decodeErrors).toBeGreaterThan(0);
    expect(drops.filter((reason) => reason === 'decode_error')).toHaveLength(exit.decodeErrors);
  });

  test('no frame at all: one sentence with ffmpeg’s last words', async () => {
    const info = await probe(parseSource(plain), ffmpeg);
    const path = at('text.mp4');
    writeFileSync(path, 'no video');
    const { error, exit } = await readAll(path, { info });
    expect(error).toBeInstanceOf(SourceError);
    expect((error as Error).message).toMatch(/text\.mp4 gives no frames.*ffmpeg: .*Invalid data|moov/);
    expect(exit.reason).toBe('failure');
  });

  test('an address in an error keeps its password to itself', async () => {
    const info = await probe(parseSource(plain), ffmpeg);
    const { error, exit } = await readAll('rtsp://admin:geheim@127.0.0.1:9/x', { info });
    expect(error).toMatchObject({ reason: 'refused' });
    expect(String(error) + exit.lastWords).not.toContain('geheim');
  });
});

describe('hardware decoding', () => {
  // Neither graphics device nor its driver is looked for: on a machine that has them these say nothing.
  const missing = (name: string) =>
    execFileSync('sh', ['-c', `ls ${name} 2>/dev/null || true`], { encoding: 'utf8' }) === '';

  test
    .skipIf(!missing('/dev/dri/render*') || !missing('/dev/nvidia0') || !missing('/dev/video*'))
    .each(['vaapi', 'cuda', 'v4l2m2m'] as const)(
    '%s was asked for and is not there: an error, no silent fallback',
    async (hardware) => {
      const { frames, error } = await readAll(plain, { hardware });
      expect(frames).toEqual([]);
      expect(error).toMatchObject({ reason: 'hardware' });
      expect((error as Error).message).toMatch(`hardware decoding with ${hardware} was asked for, but does not work`);
    },
  );

  test('auto says what it came to', async () => {
    const reports: unknown[] = [];
    const { frames } = await readAll(plain, { hardware: 'auto', onDecoder: (report) => reports.push(report) });
    expect(frames).toHaveLength(30);
    expect(reports).toHaveLength(1);
    if (missing('/dev/dri/render*') && missing('/dev/nvidia0'))
      expect(reports[0]).toMatchObject({ hardware: 'none', reason: /no/ });
  });
});

test('a source is subscribed to once', async () => {
  const { source } = await open(plain);
  const first = source.frames$.subscribe((frame) => source.release(frame.pixels));
  const error = await new Promise((resolve) => source.frames$.subscribe({ error: resolve }));
  expect(String(error)).toMatch(/subscribed to once/);
  first.unsubscribe();
  expect((await source.exited).reason).toBe('closed');
});

test('a small picture source', async () => {
  const { frames } = await readAll(makePicture(at('one.png'), '30x20', '0x2040C0'));
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ native: { width: 30, height: 20 }, source: at('one.png') });
  expect(planeMeans(frames[0]!)).toBeAllClose([0x40, 0xc0, 0x20], { rtol: 0, atol: 3 });
});
