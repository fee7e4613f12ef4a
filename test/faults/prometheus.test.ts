import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { available } from '../output/metrics/programs.ts';
import { Camera, cameraMissing, rtspUrl } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { freePort } from '../rig/free-port.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const missing = cameraMissing ?? (available('prometheus') ? undefined : 'needs the Debian package prometheus');
const shipped = resolve(import.meta.dirname, '../../config/prometheus');
const within = { timeout: 120_000, interval: 200 };

test.skipIf(missing !== undefined)(
  `a Prometheus with the rules that ship scrapes a running service and answers${missing ? ` (${missing})` : ''}`,
  async () => {
    using directory = temporaryDirectory();
    const video = makeElementaryStream(join(directory.path, 'a.h264'), { size: '320x240' });
    await using camera = await Camera.start({ door: { video, rate: 5 } });
    await using service = await Program.service({
      streams: [
        { name: 'door', source: rtspUrl(camera.port, 'door') },
        { name: 'away', source: rtspUrl(camera.port, 'none') },
      ],
    });
    await expect.poll(() => service.predictions('door').length, within).toBeGreaterThan(5);

    const text = await service.metricsText();
    const check = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status: check.status, said: check.stdout + check.stderr }).toEqual({ status: 0, said: '' });

    const port = await freePort();
    writeFileSync(
      join(directory.path, 'prometheus.yaml'),
      JSON.stringify({
        global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
        rule_files: [join(shipped, 'edge-cls.rules.yaml')],
        scrape_configs: [{ job_name: 'edge-cls', static_configs: [{ targets: [new URL(service.address).host] }] }],
      }),
    );
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${directory.path}/prometheus.yaml`,
        `--storage.tsdb.path=${directory.path}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const query = async (expression: string): Promise<Record<string, number>> => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = (await response.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return Object.fromEntries(data.result.map(({ metric, value }) => [metric['stream'] ?? '', Number(value[1])]));
    };
    try {
      const up = () => query('edge_cls_stream_up').catch(() => ({}));
      await expect.poll(up, within).toEqual({ door: 1, away: 0 });
      await expect
        .poll(() => query('edge_cls_frames_classified_total{stream="door"} > 10'), within)
        .toHaveProperty('door');
      const rates = () => query('rate(edge_cls_frames_classified_total[10s]) * 10');
      await expect.poll(async () => (await rates())['door'], within).toBeGreaterThan(1);
      expect((await rates())['away']).toBe(0);
      const under = await query(
        'edge_cls_frames_received_total - edge_cls_frames_classified_total - on(stream) sum by (stream) (edge_cls_frames_dropped_total)',
      );
      expect(under['door']).toBeLessThanOrEqual(4);
      expect(await query('edge_cls_connect_failures_total{reason="not_found"} > 0')).toHaveProperty('away');
    } finally {
      prometheus.kill('SIGTERM');
      await once(prometheus, 'exit');
    }
  },
);
