import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Camera, cameraMissing, cameraNote, rtspUrl } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { openDescriptors } from '../rig/processes.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const names = ['one', 'two', 'three'];
const within = { timeout: 90_000, interval: 200 };

describe.skipIf(cameraMissing !== undefined)(`a service without file descriptors${cameraNote}`, () => {
  let service: Program;
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(service.output.slice(-4000))));

  test(
    'says so of the streams that begin, tries again, and has them when there are some',
    { timeout: 180_000 },
    async () => {
      const rate = 5;
      const video = makeElementaryStream(join(directory.path, 'usual.h264'), { size: '320x240', rate });
      await using camera = await Camera.start(Object.fromEntries(names.map((name) => [name, { video, rate }])));
      await using started = (service = await Program.service({
        reconnect: { first_delay_seconds: 0.5, longest_delay_seconds: 2 },
        streams: names.map((name) => ({ name, source: rtspUrl(camera.port, name) })),
      }));
      const stream = (name: string) => started.get<{ state: string; reason?: string }>(`/api/v1/streams/${name}`);
      const state = async (name: string) => (await stream(name)).state;
      const hard = execFileSync('sh', ['-c', 'ulimit -H -n'], { encoding: 'utf8' }).trim();
      const limit = (most: number) => execFileSync('prlimit', [`--pid=${started.pid}`, `--nofile=${most}:${hard}`]);
      for (const name of names) await expect.poll(() => state(name), within).toBe('live');
      // A descriptor more than there are is for who asks.
      limit(openDescriptors(started.pid) + 1);
      expect(await started.post('/api/v1/streams/one/restart')).toBeLessThan(300);
      await expect.poll(async () => (await stream('one')).reason, within).toMatch(/no file descriptors left/);
      expect(await state('two')).toBe('live');
      limit(1024);
      await expect.poll(() => state('one'), within).toBe('live');
      expect(started.output).not.toContain('fault of');
    },
  );
});
