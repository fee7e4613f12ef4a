import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Camera, cameraMissing, cameraNote, rtspUrl } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { FaultyNetwork } from '../rig/faulty-network.ts';
import { isAlive } from '../rig/processes.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const rate = 5;
const within = { timeout: 90_000, interval: 200 };
/** The states that they come to, and how many of each begin with it. */
const kinds = { live: 6, stalled: 2, connecting: 2, backing_off: 2, failed: 2, disabled: 2 };
const names = Object.entries(kinds).flatMap(([state, count]) =>
  Array.from({ length: count }, (_, i) => `${state.replace('_', '-')}-${i}`),
);

describe.skipIf(cameraMissing !== undefined)(
  `a service with ${names.length} streams in all states${cameraNote}`,
  () => {
    const directory = temporaryDirectory();
    let camera: Camera;
    let falling: FaultyNetwork;
    let swallowing: FaultyNetwork;
    let refusing: FaultyNetwork;
    beforeAll(async () => {
      const video = makeElementaryStream(join(directory.path, 'small.h264'), { size: '320x240', rate });
      camera = await Camera.start({ door: { video, rate } });
      [falling, swallowing, refusing] = [await network(), await network(), await network()];
      swallowing.mode = 'black hole';
      refusing.mode = 'refuse';
    });
    afterAll(async () => {
      for (const each of [falling, swallowing, refusing]) await each[Symbol.asyncDispose]();
      await camera[Symbol.asyncDispose]();
      directory.remove();
    });

    const network = () => FaultyNetwork.start(() => camera.port);
    const stream = (name: string) => {
      const through = (port: number) => ({ name, source: rtspUrl(port, 'door') });
      if (name.startsWith('stalled')) return { ...through(falling.port), stall_seconds: 30 };
      if (name.startsWith('connecting')) return through(swallowing.port);
      if (name.startsWith('backing-off')) return through(refusing.port);
      if (name.startsWith('failed')) return { ...through(camera.port), resolution: '111x222' };
      if (name.startsWith('disabled')) return { ...through(camera.port), enabled: false };
      return through(camera.port);
    };
    /** Sixteen at once are more than connect to a host by default. */
    const start = () =>
      Program.service({ reconnect: { connecting_per_host: names.length }, streams: names.map(stream) });
    /** Those that connect give up after a while and try again, so at any moment some do. */
    const states = async (service: Program) => {
      const { streams } = await service.get<{ streams: { state: string }[] }>('/api/v1/streams');
      return [...new Set(streams.map(({ state }) => state))].sort();
    };

    test.each(['SIGTERM', 'SIGKILL'] as const)('leaves nothing behind soon after %s', async (signal) => {
      falling.mode = 'forward';
      await using service = await start();
      onTestFailed(() => console.error(service.output.slice(-4000)));
      const frames = () => names.slice(0, kinds.live + kinds.stalled).map((name) => service.predictions(name).length);
      await expect.poll(() => Math.min(...frames()), within).toBeGreaterThan(0);
      falling.mode = 'black hole';
      await expect.poll(() => states(service), within).toEqual(Object.keys(kinds).sort());
      const decoders = service.decoders().map(({ pid }) => pid);
      expect(decoders.length).toBeGreaterThanOrEqual(kinds.live + kinds.stalled);
      const { code, seconds } = await service.stop(signal);
      expect(code).toBe(signal === 'SIGTERM' ? 0 : signal);
      expect(seconds).toBeLessThan(3);
      await expect.poll(() => decoders.filter(isAlive), { timeout: 30_000, interval: 100 }).toEqual([]);
    });
  },
);
