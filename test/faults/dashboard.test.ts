/** What the dashboard and the rules ask for moves in a run of the real program: a name alone shows nothing. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asked, queries, rules } from '../output/metrics/shipped.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const demo = resolve(import.meta.dirname, '../../samples/demo.mp4');

/** What there is from the start to the end: to be there is all that these can do. */
const constant = new Set([
  'edge_cls_build_info',
  'edge_cls_device_info',
  'edge_cls_device_required_info',
  'process_start_time_seconds',
  'process_max_fds',
]);
/** These move with a fit, which takes minutes: test/commands/run-fitting.test.ts has one. */
const ofFits = /^edge_cls_adapt(_|er_agreement|er_swaps)/;

/** A camera over HTTP whose picture has another size after a while, which it keeps; it hangs up then. */
async function changingCamera(): Promise<{ readonly url: string } & AsyncDisposable> {
  const parts = ['160x120', '320x240'].map((size) =>
    readFileSync(makeElementaryStream(join(directory.path, `${size}.h264`), { size })),
  );
  let size = 0;
  const server = createServer((_, response) => {
    // Several times: the decoder gives a part when the next one comes.
    let sent = 0;
    const timer = setInterval(() => {
      if (++sent === 4) size = 1 - size;
      if (sent < 7) response.write(parts[size]);
      else response.end();
    }, 300);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, [Symbol.asyncDispose]: close };
}

/** Which series there were in a number of looks, and the values that each had. */
class Seen {
  #looks = 0;
  readonly #values = new Map<string, Map<string, string[]>>();

  look(exposition: string): void {
    this.#looks++;
    for (const [, name = '', labels = '', value = ''] of exposition.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm)) {
      const series = this.#values.get(name) ?? new Map<string, string[]>();
      this.#values.set(name, series);
      series.set(labels, [...(series.get(labels) ?? []), value]);
    }
  }

  /** A series of it had two values; one whose value is always 1 came or went. */
  moved(name: string): boolean {
    const series = [...(this.#values.get(name)?.values() ?? [])];
    if (constant.has(name)) return series.length > 0;
    if (name.endsWith('_info')) return series.some((values) => values.length < this.#looks);
    return series.some((values) => new Set(values).size > 1);
  }
}

test('every metric of the dashboard and the rules moves', async () => {
  await using camera = await changingCamera();
  const file = { type: 'json_lines', every_frame: true };
  await using service = await Program.service({
    reconnect: { first_delay_seconds: 0.2, longest_delay_seconds: 1 },
    sinks: [
      { ...file, name: 'kept', path: join(directory.path, 'events.jsonl') },
      { ...file, name: 'full', path: '/dev/full' },
      { ...file, name: 'unread', path: '-' },
    ],
    stream_defaults: { thresholds: { onset_probability: 0.02, offset_probability: 0.01, min_on_seconds: 0 } },
    streams: [
      { name: 'changing', source: camera.url },
      { name: 'refused', source: 'rtsp://127.0.0.1:9/nothing' },
      { name: 'scene', source: demo, realtime: true },
    ],
  });
  const wanted = [...new Set(asked([...queries, ...rules.map(({ expr }) => expr)]))].filter(
    (name) => !name.includes(':') && !ofFits.test(name),
  );
  expect(wanted.length).toBeGreaterThan(30);
  await service.untilReady();
  const seen = new Seen();
  const still = async () => {
    seen.look(await service.metricsText());
    return wanted.filter((name) => !seen.moved(name));
  };
  await still();
  service.unread('stdout', 'destroy');
  service.signal('SIGHUP');
  await expect.poll(still, { timeout: 60_000, interval: 250 }).toEqual([]);
}, 120_000);
