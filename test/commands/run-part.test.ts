import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { ffmpeg, makePicture, makeVideo, temporaryDirectory } from '../support/videos.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
const date = ['-metadata', 'creation_time=2024-05-06T07:08:09Z'];
makeVideo(at('clip.mp4'), { seconds: 20, rate: 5, output: ['-bf', '2', '-g', '40', ...date] });
makePicture(at('a.png'), '64x64', '0x808080');

const run = (...args: string[]) =>
  execa(process.execPath, [main, 'run', '--device', 'cpu', ...args], {
    cwd: directory.path,
    reject: false,
    timeout: 60_000,
  });

test('a part: events, summary and the annotated copy are of it, times are of the whole', async () => {
  const alwaysOn = ['--onset', '0.001', '--offset', '0'];
  const to = ['--events', 'events.jsonl', '--every-frame', '--annotate', 'drawn.mp4', '--json'];
  const { exitCode, stdout, stderr } = await run(
    'clip.mp4',
    '--start',
    '00:00:13',
    '--duration',
    '2s',
    ...alwaysOn,
    ...to,
  );
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toMatch(/read whole from 0:13 to 0:15/);
  expect(JSON.parse(stdout)).toMatchObject({
    streams: [{ frames: { received: 10, classified: 10 }, seen: { seconds: 2, duration_seconds: 2, complete: true } }],
  });
  const lines = readFileSync(at('events.jsonl'), 'utf8').trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Record<string, number> & { type: string; taken_at: string });
  const frames = records.filter(({ type }) => type === 'prediction');
  expect(frames.map(({ presentation_seconds: time }) => time)).toEqual(
    Array.from({ length: 10 }, (_, i) => (65 + i) / 5),
  );
  expect(records.length).toBeGreaterThan(frames.length);
  for (const { taken_at: taken, presentation_seconds: time = NaN } of records)
    expect(Date.parse(taken)).toBe(Date.UTC(2024, 4, 6, 7, 8, 9) + 1000 * time);
  const size = 160 * 120;
  expect(ffmpeg('-i', at('drawn.mp4'), '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1').length).toBe(10 * size);
});

test.each([
  [['clip.mp4', '--start', '1:30'], /clip\.mp4, which lasts 20\.00 s, but was 90 s/],
  [['clip.mp4', '--start', 'soon'], /--start must be a time such as 90, 1:30/],
  [['clip.mp4', '--duration', '0'], /--duration must be a time above 0/],
  [['a.png', '--start', '1'], /must be of a video, but .*a\.png is a picture/],
])('%j is refused', async (args, words) => {
  const { exitCode, stderr } = await run(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(words);
  expect(stderr).not.toContain('    at ');
});
