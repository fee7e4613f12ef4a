/** A service that has its streams fitted: the real program, its child, its store and its metrics. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/load.ts';
import { closedFormAdapter, planStream } from '../../src/daemon/stream/stream-plan.ts';
import { ffmpegSources } from '../../src/daemon/stream/sources.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { findFfmpeg } from '../../src/video/ffmpeg/ffmpeg.ts';
import { Program } from '../rig/program.ts';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);

test('a stream without an adapter is fitted once by a child; one that was offered is tried and taken', async () => {
  const state = join(directory.path, 'state');
  const source = makeVideo(join(directory.path, 'scene.mp4'), { size: '320x240', rate: 5, seconds: 240 });
  const config = {
    state_directory: state,
    fitting: { latency_goal_seconds: 60, sample_seconds: 0.1, shadow_frames: 20 },
    stream_defaults: { adapt: 'when_missing', realtime: true },
    streams: [
      { name: 'scene', source },
      { name: 'offered', source },
    ],
  };
  const [stream] = resolveConfig({ overrides: config }).streams;
  if (!stream) throw new Error('there are streams');
  const bundle = await loadBundle(stream.bundle);
  const plan = await planStream(stream, {
    look: ffmpegSources(await findFfmpeg()).look,
    device: { device: 'cpu' },
    bundle,
  });
  const { geometry } = plan.choice;
  const place = { bundleDigest: bundle.card.model.digest, geometryKey: geometryKey(geometry) };
  const store = new AdapterStore(state, systemClock);
  const { weights } = closedFormAdapter(bundle, geometry);
  const { id } = await store.add({ weights, bundleDigest: place.bundleDigest, geometry, provenance: {} });
  await store.note({ ...place, stream: 'offered' }, 'offer', id, 'adapt: for the test');

  await using service = await Program.service(config);
  await service.untilReady();
  const within = { timeout: 400_000, interval: 500 };
  const fits = new Set<number>();
  const metric = async (name: string) => {
    fits.add(await service.metric('edge_cls_adapt_in_progress'));
    return service.metric(name);
  };
  const adapter = async () => {
    await metric('edge_cls_adapt_in_progress');
    return (await service.get<{ adapter?: { digest: string } }>('/api/v1/streams/offered')).adapter?.digest;
  };
  await expect.poll(adapter, within).toBe(id);
  expect(await service.metric('edge_cls_adapter_swaps_total', { result: 'applied' })).toBe(1);
  expect(await service.metric('edge_cls_adapter_active_info', { stream: 'offered', digest: id })).toBe(1);
  // It is the closed form under another name, beside which it is watched.
  await expect.poll(() => metric('edge_cls_adapter_agreement_ratio'), within).toBe(1);
  // The test picture is one scene: the fit's own gate refuses it, and says so in the journal.
  await expect.poll(() => metric('edge_cls_adapt_duration_seconds_count'), within).toBe(1);
  const refused = (await store.journal()).filter(({ action }) => action === 'reject');
  expect(refused).toMatchObject([{ stream: 'scene', adapter: null }]);
  expect(refused[0]?.reason).toMatch(/^adapt: /);
  expect(await service.metric('edge_cls_adapt_duration_seconds_sum')).toBeGreaterThan(1);
  expect(await service.metric('edge_cls_adapt_in_progress')).toBe(0);
  expect(fits).toEqual(new Set([0, 1]));
}, 600_000);
