/** What is missing of a file that is cut off or damaged, and that nothing is of one that is whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { findFfmpeg } from '../../../src/video/ffmpeg/ffmpeg.ts';
import { openSource, type Exit } from '../../../src/video/source/source.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg, makeVideo, temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const at = (name: string) => join(directory.path, name);
const cameraLike = ['-g', '25', '-bf', '0'];

beforeAll(() => {
  makeVideo(at('whole.mp4'), { rate: 25, seconds: 8, output: [...cameraLike, '-movflags', '+faststart'] });
  for (const name of ['whole.mkv', 'whole.ts', 'whole.flv', 'whole.avi'])
    ffmpeg('-i', at('whole.mp4'), '-c', 'copy', at(name));
  ffmpeg('-i', at('whole.mp4'), '-f', 'lavfi', '-i', 'sine=d=12', '-c:v', 'copy', '-c:a', 'aac', at('sound.mp4'));
  ffmpeg('-i', at('sound.mp4'), '-c', 'copy', at('sound.mkv'));
  // Two pictures, of which the last stays, at no rate.
  ffmpeg(
    '-i',
    at('whole.mp4'),
    '-vf',
    'select=eq(n\\,0)+eq(n\\,20)+eq(n\\,30)+eq(n\\,150)',
    '-vsync',
    'vfr',
    at('slides.mp4'),
  );
  const slower = "select='if(lt(t,3),1,not(mod(n,25)))'";
  ffmpeg('-i', at('whole.mp4'), '-vf', slower, '-vsync', 'vfr', '-c:v', 'mjpeg', '-q:v', '31', at('slower.mkv'));
  const scratched = readFileSync(at('slower.mkv'));
  scratched.fill(0xff, scratched.length / 4, scratched.length / 4 + 60);
  writeFileSync(at('slower.mkv'), scratched);
  for (const name of ['mp4', 'mkv']) {
    const bytes = readFileSync(at(`whole.${name}`));
    writeFileSync(at(`cut.${name}`), bytes.subarray(0, bytes.length / 2));
  }
  // Two recordings of a clock that jumps by an hour.
  ffmpeg('-i', at('whole.mp4'), '-c', 'copy', '-output_ts_offset', '3600', at('later.ts'));
  writeFileSync(
    at('jump.ts'),
    Buffer.concat([readFileSync(at('whole.ts')).subarray(0, -188), readFileSync(at('later.ts'))]),
  );
  const damaged = readFileSync(at('whole.ts'));
  const packet = 188;
  const packets = damaged.length / packet;
  for (let i = Math.floor(packets / 3); i < (2 * packets) / 3; i++) {
    for (let k = 4; k < packet; k++) damaged[i * packet + k] = (i * 131 + k * k * 29 + ((i * k) >> 3)) & 0xff;
  }
  writeFileSync(at('damaged.ts'), damaged);
});

async function read(name: string, framesPerSecond?: number): Promise<Exit> {
  const found = await findFfmpeg();
  const spec = parseSource(at(name));
  const info = await probe(spec, found);
  const grid = { width: 16, height: 16 };
  const source = openSource({
    stream: 'a',
    spec,
    info,
    grid,
    crop: undefined,
    scaler: 'bilinear',
    framesPerSecond,
    lossless: true,
    slots: 3,
    stallSeconds: 30,
    clock: systemClock,
    ffmpeg: found,
    onDrop: () => undefined,
  });
  source.frames$.subscribe((frame) => source.release(frame.pixels));
  return source.exited;
}

test.each(['whole.mp4', 'whole.mkv', 'whole.ts', 'whole.flv', 'whole.avi', 'sound.mp4', 'sound.mkv', 'slides.mp4'])(
  'nothing of %s',
  async (name) => {
    expect((await read(name)).seen).toMatchObject({ complete: true });
    expect((await read(name, 3)).seen).toMatchObject({ complete: true });
  },
);

test.each(['cut.mp4', 'cut.mkv', 'damaged.ts'])('more than a little of %s', async (name) => {
  const { seen } = await read(name);
  expect(seen?.durationSeconds).toBeCloseTo(8, 1);
  expect(seen?.complete).toBe(false);
  expect(seen?.seconds).toBeGreaterThan(2);
  expect(seen?.seconds).toBeLessThan(7);
});

test('the jump of a clock is no loss', async () => {
  const { delivered, seen } = await read('jump.ts');
  expect(delivered).toBeGreaterThanOrEqual(399);
  expect(seen?.complete).toBe(true);
});

test('nothing but what is damaged of a file whose rate varies', async () => {
  const { seen, decodeErrors, lastWords } = await read('slower.mkv');
  expect(lastWords).toContain('error');
  expect(decodeErrors).toBeLessThan(3);
  expect(seen).toMatchObject({ complete: true });
});

test('a stream without a container has no duration, and one that is guessed is none', async () => {
  ffmpeg('-i', at('whole.mp4'), '-c', 'copy', at('raw.h264'));
  expect((await read('raw.h264')).seen).toBeUndefined();
});
