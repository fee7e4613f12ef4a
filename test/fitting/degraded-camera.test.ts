import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFailed, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { Camera, cameraMissing, cameraNote, rtspUrl } from '../rig/camera.ts';
import { elementary } from '../rig/elementary-stream.ts';
import { Program } from '../rig/program.ts';
import { sharedData } from '../support/shared.ts';
import { ffmpeg, temporaryDirectory } from '../support/videos.ts';

const photographs = sharedData('cats-dogs/train');
const minutes = 60_000;

/** Photographs of both kinds in turn, one a frame, of a camera in bad light. */
function makeDarkStream(directory: string, path: string, count: number): string {
  ['cats', 'dogs'].forEach((kind, parity) => {
    const names = readdirSync(join(photographs ?? '', kind)).slice(0, count / 2);
    names.forEach((name, i) => {
      symlinkSync(
        join(photographs ?? '', kind, name),
        join(directory, `${String(2 * i + parity).padStart(4, '0')}.jpg`),
      );
    });
  });
  ffmpeg(
    ...['-framerate', '5', '-i', join(directory, '%04d.jpg')],
    ...['-vf', 'scale=300:300,format=gbrp,lutrgb=r=val*0.25:g=val*0.25:b=val*0.25,format=yuv420p'],
    ...['-crf', '16', ...elementary(5, path)],
  );
  return path;
}

describe.skipIf(cameraMissing !== undefined || photographs === undefined)(
  `a camera in bad light (needs ../shared/data)${cameraNote}`,
  () => {
    test(
      'is fitted beside its stream, seen in shadow, and taken, while frames go on',
      { timeout: 12 * minutes },
      async () => {
        using directory = temporaryDirectory();
        const video = makeDarkStream(directory.path, join(directory.path, 'dark.h264'), 300);
        await using camera = await Camera.start({ door: { video, rate: 5 } });
        await using service = await Program.service({
          fitting: { sample_seconds: 1, shadow_frames: 20 },
          streams: [
            {
              name: 'door',
              source: rtspUrl(camera.port, 'door'),
              bundle: 'inception-v3-cats-dogs',
              adapt: 'when_missing',
            },
          ],
        });
        onTestFailed(() => console.error(service.output.slice(-4000)));
        const store = new AdapterStore(join(service.directory, 'state'), systemClock);
        const actions = async () => (await store.journal()).map(({ stream, action }) => `${stream ?? 'all'} ${action}`);
        await expect.poll(actions, { timeout: 10 * minutes, interval: 1000 }).toEqual(['door offer', 'door activate']);
        const [offered, taken] = await store.journal();
        expect(taken?.adapter).toBe(offered?.adapter);
        const decided = service.predictions().length;
        await expect.poll(() => service.predictions().length, { timeout: minutes }).toBeGreaterThan(decided + 10);
        const { adapter } = await service.get<{ adapter: { digest: string } }>('/api/v1/streams/door');
        expect(adapter.digest).toContain(taken?.adapter);
      },
    );
  },
);
