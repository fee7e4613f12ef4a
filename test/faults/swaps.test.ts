import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { chooseGeometry } from '../../src/model/choose-geometry.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { Camera, cameraMissing, cameraNote, rtspUrl } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { residentBytes } from '../rig/processes.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const within = { timeout: 120_000, interval: 100 };
const swaps = 200;
const mebibyte = 2 ** 20;

describe.skipIf(cameraMissing !== undefined)(`a service whose adapter is swapped ${swaps} times${cameraNote}`, () => {
  test('classifies on, and its memory is that of a service with one adapter', async () => {
    using directory = temporaryDirectory();
    const video = makeElementaryStream(join(directory.path, 'small.h264'), { size: '320x240' });
    await using camera = await Camera.start({ door: { video, rate: 5 } });
    await using service = await Program.service({ streams: [{ name: 'door', source: rtspUrl(camera.port, 'door') }] });
    await expect.poll(() => service.predictions().length, within).toBeGreaterThan(5);
    const [one, other] = await adapters(join(service.directory, 'state'));
    const swap = async (times: number) => {
      for (let i = 0; i < times; i++) {
        const activate = i % 2 === 0 ? one : other;
        expect(await service.post('/api/v1/streams/door/adapter', { activate })).toBe(200);
      }
    };
    // The allocator's arenas have grown by then: 60 MiB, and no more afterwards.
    await swap(swaps);
    const [before, decided] = [residentBytes(service.pid), service.predictions().length];
    await swap(swaps);
    await expect.poll(() => service.predictions().length, within).toBeGreaterThan(decided + 5);
    // A session of the classifier for each would be 20 MiB a time, one of the front end a third of one.
    expect((residentBytes(service.pid) - before) / mebibyte).toBeLessThan(30);
  });
});

/** Two that differ, in the store of the service. */
async function adapters(state: string): Promise<[string, string]> {
  const { card } = await loadBundle('efficientnet-lite0-imagenet');
  const { geometry } = chooseGeometry('auto', 'cpu', card, { width: 320, height: 240 });
  const store = new AdapterStore(state, systemClock);
  const add = async (factor: number) => {
    const { conv1Weight, ...rest } = closedForm(geometry, card.resize.kernel).weights;
    const weights = { ...rest, conv1Weight: conv1Weight.map((value) => factor * value) };
    return (await store.add({ weights, bundleDigest: card.model.digest, geometry, provenance: { factor } })).id;
  };
  return [await add(0.99), await add(0.98)];
}
