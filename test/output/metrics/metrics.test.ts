import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Happening } from '../../../src/domain/happening.ts';
import type { ScoredPrediction } from '../../../src/domain/prediction.ts';
import { createMetrics, type MetricsOptions } from '../../../src/output/metrics/metrics.ts';
import { metricName } from '../../../src/output/metrics/names.ts';
import { available } from './programs.ts';

/** The sample lines of one metric, sorted. */
async function samples(metrics: { text(): Promise<string> }, name: string): Promise<string[]> {
  return (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .sort();
}

/** Metrics of these streams, and what moves them. */
function metricsOf(streams: readonly string[], options: MetricsOptions = {}) {
  const metrics = createMetrics(options);
  const tell = (...happenings: readonly Happening[]) => happenings.forEach(metrics.subscriber);
  for (const stream of streams) tell({ type: 'stream_added', stream });
  return { metrics, tell };
}

const stream = 'gate';
const native = { width: 1920, height: 1080 };
const decided = (ageSeconds: number): Happening => ({
  type: 'prediction',
  stream,
  prediction: { capturedAt: 0, decidedAt: 1000 * ageSeconds } as ScoredPrediction,
  labels: [],
});

describe('createMetrics', () => {
  it('has the series of known streams and reasons at 0 from the start', async () => {
    const { metrics } = metricsOf(['gate']);
    expect(await samples(metrics, 'edge_cls_frames_dropped_total')).toEqual(
      ['backpressure', 'decode_error', 'geometry', 'rate_limit', 'stale', 'still'].map(
        (reason) => `edge_cls_frames_dropped_total{stream="gate",reason="${reason}"} 0`,
      ),
    );
    expect(await samples(metrics, 'edge_cls_stream_up')).toEqual(['edge_cls_stream_up{stream="gate"} 0']);
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
    const { metrics, tell } = metricsOf(['gate']);
    tell(...[0.033, 0.034, 0.2, 11].map(decided));
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
    const { metrics, tell } = metricsOf(['gate']);
    tell({ type: 'stream_state', stream, state: 'live' }, { type: 'stream_state', stream, state: 'backing_off' });
    const states = await samples(metrics, 'edge_cls_stream_state');
    expect(states).toHaveLength(6);
    expect(states.filter((line) => line.endsWith(' 1'))).toEqual([
      'edge_cls_stream_state{stream="gate",state="backing_off"} 1',
    ]);
    expect(await samples(metrics, 'edge_cls_stream_up')).toEqual(['edge_cls_stream_up{stream="gate"} 0']);
  });

  it('leaves no series of a removed stream, not even when its last frames come in late', async () => {
    const { metrics, tell } = metricsOf(['gate', 'yard']);
    const late: readonly Happening[] = [
      { type: 'frame_received', stream, count: 1 },
      { type: 'frame_decoded', stream, native },
      { type: 'frame_dropped', stream, reason: 'stale', count: 3 },
      decided(0.1),
      { type: 'connecting', stream },
      { type: 'connect_failed', stream, reason: 'timeout' },
      { type: 'decoder_restarted', stream, reason: 'exited' },
      { type: 'resolution_changed', stream, native },
      { type: 'stream_state', stream, state: 'live' },
      { type: 'adapter_active', stream, id: '9f3c', native },
      { type: 'adapter_agreement', stream, ratio: 0.98 },
    ];
    tell(...late, { type: 'stream_removed', stream }, ...late);
    const text = await metrics.text();
    expect(text).not.toContain('gate');
    expect(text).toContain('edge_cls_frames_received_total{stream="yard"} 0');
  });

  it('starts again at 0 for a stream that comes back', async () => {
    const { metrics, tell } = metricsOf(['gate']);
    const received = { type: 'frame_received', stream, count: 1 } as const;
    const added = { type: 'stream_added', stream } as const;
    tell(received, { type: 'stream_removed', stream }, added, received, added);
    expect(await samples(metrics, 'edge_cls_frames_received_total')).toEqual([
      'edge_cls_frames_received_total{stream="gate"} 1',
    ]);
  });

  it('replaces what is in use: adapter and device', async () => {
    const { metrics, tell } = metricsOf(['gate'], { build: { version: '1.1.0', commit: 'c0ffee' } });
    for (const id of ['aaaa', 'bbbb'])
      tell({ type: 'adapter_active', stream, id, native: { width: 1280, height: 720 } });
    for (const device of ['cuda', 'cpu']) tell({ type: 'device_chosen', device, name: 'a device', reason: 'a test' });
    tell({ type: 'decoder_chosen', stream, hardware: 'vaapi', reason: 'a test' });
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
    let seconds = 1000;
    const { metrics, tell } = metricsOf([], { clock: { date: () => new Date(1000 * seconds) } });
    tell({ type: 'config_reloaded', result: 'applied' });
    seconds = 2000;
    tell({ type: 'config_reloaded', result: 'rejected' });
    expect(await samples(metrics, 'edge_cls_config_last_reload_success_timestamp_seconds')).toEqual([
      'edge_cls_config_last_reload_success_timestamp_seconds 1000',
    ]);
  });

  const everything: readonly Happening[] = [
    { type: 'device_chosen', device: 'cpu', name: 'a device', reason: 'a test', required: 'cpu' },
    { type: 'connecting', stream },
    { type: 'connect_failed', stream, reason: 'dns' },
    { type: 'stream_state', stream, state: 'live' },
    { type: 'adapter_active', stream, id: '9f3c', native },
    { type: 'decoder_chosen', stream, hardware: 'none', reason: 'a test' },
    { type: 'frame_received', stream, count: 2 },
    { type: 'frame_decoded', stream, native },
    { type: 'frame_dropped', stream, reason: 'stale', count: 1 },
    { type: 'stage_run', stage: 'frontend', seconds: 0.01 },
    { type: 'batch_run', frames: 1 },
    { type: 'stage_run', stage: 'backbone', seconds: 0.02 },
    decided(0.1),
    { type: 'resolution_changed', stream, native },
    { type: 'decoder_restarted', stream, reason: 'exited' },
    { type: 'adapter_swapped', stream, result: 'applied' },
    { type: 'adapter_agreement', stream, ratio: 0.98 },
    { type: 'fit_started', stream },
    { type: 'config_reloaded', result: 'applied' },
    { type: 'logged', level: 'info' },
  ];

  it('moves every metric by what happens', async () => {
    const { metrics, tell } = metricsOf(['gate']);
    const still = async () => {
      const before = await read(metrics);
      return (after: ReadonlyMap<string, string>) =>
        Object.values(metricName).filter((name) => before.get(name) === after.get(name));
    };
    const unmoved = await still();
    tell(...everything);
    // The build is a fact from the start on; sinks are counted by themselves; a fit has a duration when it ends.
    expect(unmoved(await read(metrics))).toEqual([
      metricName.eventsPublished,
      metricName.eventsFailed,
      metricName.eventsLost,
      metricName.adaptDuration,
      metricName.build,
    ]);
    const before = await still();
    tell({ type: 'fit_ended', stream, seconds: 20, outcome: 'done' });
    const after = before(await read(metrics));
    expect(after).not.toContain(metricName.adaptDuration);
    expect(after).not.toContain(metricName.adaptInProgress);
  });

  const promtool = available('promtool');
  it.skipIf(!promtool)(`is clean for promtool check metrics${promtool ? '' : ' (promtool is absent)'}`, async () => {
    const { metrics, tell } = metricsOf(['gate']);
    tell(...everything);
    const check = spawnSync('promtool', ['check', 'metrics'], { input: await metrics.text(), encoding: 'utf8' });
    expect(check.stdout + check.stderr).toBe('');
    expect(check.status).toBe(0);
  });
});

/** All samples of each metric as one text. */
async function read(metrics: { text(): Promise<string> }): Promise<ReadonlyMap<string, string>> {
  const blocks = (await metrics.text()).split(/^# HELP /m);
  return new Map(blocks.map((block) => [/^\S*/.exec(block)?.[0] ?? '', block]));
}
