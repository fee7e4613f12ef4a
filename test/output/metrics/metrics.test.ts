import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/output/metrics/metrics.ts';
import { metricName } from '../../../src/output/metrics/names.ts';
import { available } from './programs.ts';

/** The sample lines of one metric, sorted. */
async function samples(metrics: { text(): Promise<string> }, name: string): Promise<string[]> {
  return (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .sort();
}

describe('createMetrics', () => {
  it('has the series of known streams, sinks and reasons at 0 from the start', async () => {
    const metrics = createMetrics({ streams: ['gate'], sinks: ['journal'] });
    expect(await samples(metrics, 'edge_cls_frames_dropped_total')).toEqual(
      ['backpressure', 'corrupt', 'decode_error', 'geometry', 'rate_limit', 'stale'].map(
        (reason) => `edge_cls_frames_dropped_total{stream="gate",reason="${reason}"} 0`,
      ),
    );
    expect(await samples(metrics, 'edge_cls_stream_up')).toEqual(['edge_cls_stream_up{stream="gate"} 0']);
    expect(await samples(metrics, 'edge_cls_events_published_total')).toEqual([
      'edge_cls_events_published_total{sink="journal"} 0',
    ]);
    expect(await samples(metrics, 'edge_cls_frame_age_at_decision_seconds_count')).toEqual([
      'edge_cls_frame_age_at_decision_seconds_count{stream="gate"} 0',
    ]);
  });

  it('registers every name, with a help text, and nothing else under its prefix', async () => {
    const text = await createMetrics().text();
    const helped = [...text.matchAll(/^# HELP (edge_cls_\S+) \S.*$/gm)].map(([, name]) => name);
    expect(helped.sort()).toEqual(Object.values(metricName).sort());
  });

  it('puts exact bounds where the limits are', async () => {
    const metrics = createMetrics({ streams: ['gate'] });
    for (const seconds of [0.033, 0.034, 0.2, 11]) metrics.ageObserved('gate', seconds);
    const bound = async (le: string) =>
      (await samples(metrics, 'edge_cls_frame_age_at_decision_seconds_bucket')).find((line) =>
        line.includes(`le="${le}"`),
      );
    expect(await bound('0.02')).toMatch(/ 0$/);
    expect(await bound('0.033')).toMatch(/ 1$/);
    expect(await bound('0.04')).toMatch(/ 2$/);
    expect(await bound('0.2')).toMatch(/ 3$/);
    expect(await bound('10')).toMatch(/ 3$/);
    expect(await bound('+Inf')).toMatch(/ 4$/);
  });

  it('shows exactly one state per stream', async () => {
    const metrics = createMetrics({ streams: ['gate'] });
    metrics.streamState('gate', 'live');
    metrics.streamState('gate', 'backing_off');
    const states = await samples(metrics, 'edge_cls_stream_state');
    expect(states).toHaveLength(6);
    expect(states.filter((line) => line.endsWith(' 1'))).toEqual([
      'edge_cls_stream_state{stream="gate",state="backing_off"} 1',
    ]);
    expect(await samples(metrics, 'edge_cls_stream_up')).toEqual(['edge_cls_stream_up{stream="gate"} 0']);
  });

  it('leaves no series of a removed stream, not even when its last frames come in late', async () => {
    const metrics = createMetrics({ streams: ['gate', 'yard'] });
    metrics.nativeSize('gate', { width: 1920, height: 1080 });
    metrics.adapterActive('gate', { digest: '9f3c', resolution: '1920x1080' });
    metrics.adapterAgreement('gate', 0.98);
    metrics.frameDropped('gate', 'stale', 3);
    metrics.removeStream('gate');
    metrics.frameReceived('gate');
    metrics.frameDropped('gate', 'stale');
    metrics.ageObserved('gate', 0.1);
    metrics.connectFailed('gate', 'timeout');
    metrics.streamState('gate', 'live');
    metrics.adapterActive('gate', { digest: '9f3c', resolution: '1920x1080' });
    const text = await metrics.text();
    expect(text).not.toContain('gate');
    expect(text).toContain('edge_cls_frames_received_total{stream="yard"} 0');
  });

  it('starts again at 0 for a stream that comes back', async () => {
    const metrics = createMetrics({ streams: ['gate'] });
    metrics.frameReceived('gate');
    metrics.removeStream('gate');
    metrics.addStream('gate');
    metrics.frameReceived('gate');
    metrics.addStream('gate');
    expect(await samples(metrics, 'edge_cls_frames_received_total')).toEqual([
      'edge_cls_frames_received_total{stream="gate"} 1',
    ]);
  });

  it('replaces what is in use: adapter, device, build', async () => {
    const metrics = createMetrics({ streams: ['gate'] });
    for (const digest of ['aaaa', 'bbbb']) metrics.adapterActive('gate', { digest, resolution: '1280x720' });
    for (const device of ['cuda', 'cpu']) metrics.deviceInfo('infer', device);
    metrics.deviceInfo('decode', 'vaapi');
    for (const version of ['1.0.0', '1.1.0']) metrics.buildInfo({ version, commit: 'c0ffee' });
    expect(await samples(metrics, 'edge_cls_adapter_active_info')).toEqual([
      'edge_cls_adapter_active_info{stream="gate",digest="bbbb",resolution="1280x720"} 1',
    ]);
    expect(await samples(metrics, 'edge_cls_device_info')).toEqual([
      'edge_cls_device_info{role="decode",device="vaapi"} 1',
      'edge_cls_device_info{role="infer",device="cpu"} 1',
    ]);
    expect(await samples(metrics, 'edge_cls_build_info')).toEqual([
      'edge_cls_build_info{version="1.1.0",commit="c0ffee"} 1',
    ]);
  });

  it('moves the time of the last good reload only when a reload was good', async () => {
    const metrics = createMetrics();
    metrics.configReloaded('applied', 1000);
    metrics.configReloaded('rejected', 2000);
    expect(await samples(metrics, 'edge_cls_config_last_reload_success_timestamp_seconds')).toEqual([
      'edge_cls_config_last_reload_success_timestamp_seconds 1000',
    ]);
  });

  it('reads values at the scrape', async () => {
    const metrics = createMetrics();
    let waiting = 0;
    metrics.onScrape(() => metrics.queueDepth('backbone', waiting));
    waiting = 3;
    expect(await samples(metrics, 'edge_cls_queue_depth_frames')).toContain(
      'edge_cls_queue_depth_frames{stage="backbone"} 3',
    );
  });

  const promtool = available('promtool');
  it.skipIf(!promtool)(`is clean for promtool check metrics${promtool ? '' : ' (promtool is absent)'}`, async () => {
    const metrics = createMetrics({ streams: ['gate'], sinks: ['journal'] });
    metrics.nativeSize('gate', { width: 1920, height: 1080 });
    metrics.adapterActive('gate', { digest: '9f3c', resolution: '1920x1080' });
    metrics.adapterAgreement('gate', 0.98);
    metrics.gpuMemoryUsed('0', 1e9);
    metrics.deviceInfo('infer', 'cpu');
    metrics.deviceRequired('infer', 'cpu');
    metrics.buildInfo({ version: '1.0.0', commit: 'c0ffee' });
    const check = spawnSync('promtool', ['check', 'metrics'], { input: await metrics.text(), encoding: 'utf8' });
    expect(check.stdout + check.stderr).toBe('');
    expect(check.status).toBe(0);
  });
});
