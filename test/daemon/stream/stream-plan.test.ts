import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/load.ts';
import { planStream } from '../../../src/daemon/stream/stream-plan.ts';
import { bundle, info } from '../fakes.ts';

describe('the plan of a stream', () => {
  it('names the stream whose region lies outside its picture', async () => {
    const { streams } = resolveConfig({
      overrides: { streams: [{ name: 'door', source: 'rtsp://door/1', region: '600,300,100,100' }] },
    });
    const plan = planStream(streams[0]!, { bundle, device: { device: 'cpu' }, look: () => Promise.resolve(info) });
    await expect(plan).rejects.toThrow(
      'the stream door: the region 600,300,100,100 must lie inside the picture of 640x360 pixels; correct the region',
    );
  });

  it('says nothing of a region where only the view cannot be', async () => {
    const { streams } = resolveConfig({ overrides: { streams: [{ name: 'album', source: '.', view: 'tiles' }] } });
    const plan = planStream(streams[0]!, { bundle, device: { device: 'cpu' }, look: () => Promise.resolve(info) });
    await expect(plan).rejects.toThrow(/^the stream album: the view tiles must be of [^;]+: take whole$/);
  });
});
