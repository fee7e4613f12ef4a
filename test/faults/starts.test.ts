import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Camera, cameraMissing, cameraNote, rtspUrl } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { FaultyNetwork } from '../rig/faulty-network.ts';
import { Program } from '../rig/program.ts';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';
import { ffmpeg } from '../video/support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

/** An ffmpeg that keeps a list of how it was started. */
function counted(name: string) {
  const [path, list] = [at(name), at(`${name}.list`)];
  writeFileSync(path, `#!/bin/sh\necho "$*" >>'${list}'\nexec '${ffmpeg.path}' "$@"\n`, { mode: 0o755 });
  const starts = () => (existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : []);
  return {
    env: { EDGE_CLS_FFMPEG: path, XDG_CACHE_HOME: at(`${name}.cache`) },
    questions: () => starts().filter((line) => /-(?:version|decoders|filters|encoders)$/.test(line)).length,
    probes: () => starts().filter((line) => line.endsWith('-f null -')).length,
    decoders: () => starts().filter((line) => line.endsWith('pipe:1')).length,
  };
}

test('a file: one probe and one decoder; what ffmpeg can do is asked by the first program only', async () => {
  const video = makeVideo(at('plain.mp4'));
  const { env, ...count } = counted('for-files');
  for (const run of [1, 2]) {
    await using program = new Program();
    program.start(['run', video, '--device', 'cpu'], env);
    expect(await program.exited(), program.output).toBe(0);
    expect([count.questions(), count.probes(), count.decoders()]).toEqual([4, run, run]);
  }
}, 120_000);

describe.skipIf(cameraMissing !== undefined)(`a camera${cameraNote}`, () => {
  test('one probe and one decoder; when it comes back as it was, one decoder', { timeout: 180_000 }, async () => {
    const rate = 5;
    const video = makeElementaryStream(at('usual.h264'), { size: '320x240', rate });
    await using camera = await Camera.start({ usual: { video, rate } });
    await using network = await FaultyNetwork.start(() => camera.port);
    const { env, ...count } = counted('for-cameras');
    await using service = await Program.service(
      {
        reconnect: { first_delay_seconds: 0.5, longest_delay_seconds: 1 },
        streams: [{ name: 'usual', source: rtspUrl(network.port, 'usual') }],
      },
      env,
    );
    const decided = async (more: number) => {
      const before = service.predictions().length;
      const within = { timeout: 90_000, interval: 100 };
      await expect.poll(() => service.predictions().length, within).toBeGreaterThanOrEqual(before + more);
    };
    await decided(3);
    expect([count.probes(), count.decoders()]).toEqual([1, 1]);
    // One to see whether it is there, one for each ffmpeg.
    expect(network.connections).toBe(3);
    network.cut();
    await expect.poll(count.decoders, { timeout: 60_000 }).toBe(2);
    await decided(3);
    expect([count.probes(), count.decoders()]).toEqual([1, 2]);
    expect(network.connections).toBe(5);
  });
});
