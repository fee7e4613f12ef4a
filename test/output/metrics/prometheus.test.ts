import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScoredPrediction } from '../../../src/domain/prediction.ts';
import { createMetrics } from '../../../src/output/metrics/metrics.ts';
import { MemoryDaemon, start } from '../http/support.ts';
import { available } from './programs.ts';

const absent = !available('prometheus');
const token = '0123456789abcdef0123456789abcdef';

/** A port that was free a moment ago: Prometheus does not say which one it got for 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe.skipIf(absent)(`a real Prometheus${absent ? ' (prometheus is absent)' : ''}`, () => {
  const metrics = createMetrics();
  for (const stream of ['gate', 'yard']) metrics.subscriber({ type: 'stream_added', stream });
  const cleanups: (() => Promise<unknown>)[] = [];
  let port: number;

  beforeAll(async () => {
    const server = await start(new MemoryDaemon(), { metrics, token });
    cleanups.unshift(() => server.close());
    const folder = await mkdtemp(join(tmpdir(), 'edge-cls-prometheus-'));
    cleanups.unshift(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'token'), token);
    await writeFile(
      join(folder, 'prometheus.yaml'),
      JSON.stringify({
        global: { scrape_interval: '500ms', scrape_timeout: '500ms' },
        scrape_configs: [
          {
            job_name: 'edge-cls',
            authorization: { credentials_file: join(folder, 'token') },
            static_configs: [{ targets: [`127.0.0.1:${server.port}`] }],
          },
        ],
      }),
    );
    port = await freePort();
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${folder}/prometheus.yaml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const exited = new Promise((resolve) => prometheus.once('exit', resolve));
    cleanups.unshift(() => {
      prometheus.kill('SIGTERM');
      return exited;
    });

    const stream = 'gate';
    const tell = metrics.subscriber;
    for (let i = 0; i < 42; i++) tell({ type: 'frame_received', stream, count: 1 });
    for (let i = 0; i < 40; i++) {
      const prediction = { capturedAt: 0, decidedAt: i < 39 ? 30 : 150 } as ScoredPrediction;
      tell({ type: 'prediction', stream, prediction, labels: [] });
    }
    tell({ type: 'frame_dropped', stream, reason: 'stale', count: 2 });
    tell({ type: 'stream_state', stream, state: 'live' });
    tell({ type: 'device_chosen', device: 'cpu', name: 'a device', reason: 'a test' });
  });
  afterAll(async () => {
    for (const cleanUp of cleanups) await cleanUp();
  });

  async function query(expression: string): Promise<Record<string, string>> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await response.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return Object.fromEntries(
      data.result.map(({ metric, value }) => [metric['stream'] ?? metric['device'] ?? '', value[1]]),
    );
  }
  const scraped = () =>
    query('up').then(
      (up) => up[''],
      () => 'not yet',
    );

  it('scrapes the daemon with its token and answers queries', async () => {
    await expect.poll(scraped, { timeout: 120_000, interval: 200 }).toBe('1');
    expect(await query('edge_cls_frames_received_total')).toEqual({ gate: '42', yard: '0' });
    expect(await query('sum by (stream) (edge_cls_frames_dropped_total)')).toEqual({ gate: '2', yard: '0' });
    expect(
      await query(
        'edge_cls_frames_received_total - edge_cls_frames_classified_total - on(stream) sum by (stream) (edge_cls_frames_dropped_total)',
      ),
    ).toEqual({ gate: '0', yard: '0' });
    expect(await query('edge_cls_stream_up')).toEqual({ gate: '1', yard: '0' });
    expect(await query('edge_cls_device_info{role="infer"}')).toEqual({ cpu: '1' });
    // 39 of 40 frames were decided within 33 ms: an exact answer, because 33 ms is a bound.
    expect(
      await query(
        'sum by (stream) (edge_cls_frame_age_at_decision_seconds_bucket{le="0.033",stream="gate"}) / on(stream) edge_cls_frame_age_at_decision_seconds_count',
      ),
    ).toEqual({ gate: '0.975' });
    expect(Number((await query('nodejs_eventloop_lag_p99_seconds'))[''])).toBeGreaterThan(0);
  });
});
