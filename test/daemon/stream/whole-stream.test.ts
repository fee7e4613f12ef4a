/** Files whose pictures change their size: every frame is classified, at its time. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ffmpeg, makeVideo, temporaryDirectory } from '../../support/videos.ts';

// What `npm test` has just compiled.
const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const directory = temporaryDirectory();
afterAll(() => directory.remove());
const at = (name: string) => join(directory.path, name);

beforeAll(() => {
  const output = ['-bsf:v', 'h264_mp4toannexb', '-bf', '0'];
  const parts = ['320x240', '640x480', '480x640', '320x240'].map((size, i) =>
    makeVideo(at(`${i}.h264`), { size, rate: 10, seconds: i === 1 ? 3 : 1, output }),
  );
  writeFileSync(at('sizes.h264'), Buffer.concat(parts.map((part) => readFileSync(part))));
  ffmpeg('-r', '10', '-i', at('sizes.h264'), '-c', 'copy', '-r', '10', at('sizes.mkv'));
  ffmpeg('-r', '10', '-i', at('sizes.h264'), '-c', 'copy', at('sizes.ts'));
});

test.each(['sizes.mkv', 'sizes.ts', 'sizes.h264'])(
  '%s',
  (name) => {
    const events = at(`${name}.jsonl`);
    const args = ['run', at(name), '--json', '--every-frame', '--events', events, '--device', 'cpu'];
    const { streams } = JSON.parse(execFileSync('node', [main, ...args, '--quiet'], { encoding: 'utf8' })) as {
      streams: { frames: object }[];
    };
    const lines = readFileSync(events, 'utf8').trim().split('\n');
    const times = lines
      .map((line) => JSON.parse(line) as { type: string; presentation_seconds: number })
      .filter(({ type }) => type === 'prediction')
      .map(({ presentation_seconds: seconds }) => seconds);
    const frames = Number(/nb_read_frames=(\d+)/.exec(probed(name))?.[1]);
    expect(frames).toBeGreaterThan(57);
    expect(streams[0]?.frames).toEqual({ received: frames, classified: frames, dropped: {}, in_flight: 0 });
    expect(times).toHaveLength(frames);
    for (const [i, time] of times.entries()) if (i > 0) expect(time).toBeGreaterThan(times[i - 1] ?? 0);
  },
  60_000,
);

test('a pipe cannot be opened again: it fails with the second at which the size changes', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `cat '${at('sizes.ts')}' | node '${main}' run - --device cpu`], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/must keep its size 320x240, but is 640x480 from 1\.\d s on/);
  expect(status).toBe(1);
}, 60_000);

/** ffmpeg's own count of what it decodes. */
function probed(name: string): string {
  const args = ['-v', 'error', '-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames'];
  return execFileSync('ffprobe', [...args, at(name)], { encoding: 'utf8' });
}
