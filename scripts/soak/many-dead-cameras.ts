/**
 * How a service fares whose cameras are mostly gone, for a minute from its start:
 *   npm run bench:dead-cameras -- [--dead 200] [--living 4] [--seconds 60]
 *
 * The dead ones are addresses of the loopback that refuse, each a host of its own. Exit code 1 when the service did
 * not answer in time, or a living camera was harmed.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Camera, cameraMissing, rtspUrl } from '../../test/rig/camera.ts';
import { makeElementaryStream } from '../../test/rig/elementary-stream.ts';
import { cpuSeconds, residentBytes } from '../../test/rig/processes.ts';
import { Program, type Sample } from '../../test/rig/program.ts';
import { temporaryDirectory } from '../../test/support/videos.ts';
import { sleep } from './waiting.ts';

const { values } = parseArgs({
  options: {
    dead: { type: 'string', default: '200' },
    living: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '60' },
  },
});
const seconds = Number(values.seconds);
const rate = 5;
const limits = { healthMs: 200, lagMs: 100, gapSeconds: 2 };
const names = (kind: string, count: string) => Array.from({ length: Number(count) }, (_, i) => `${kind}-${i + 1}`);
const living = names('living', values.living);
const dead = names('dead', values.dead);

if (cameraMissing !== undefined) {
  console.error(`bench:dead-cameras ${cameraMissing}`);
  process.exit(2);
}

using directory = temporaryDirectory();
const video = makeElementaryStream(join(directory.path, 'usual.h264'), { size: '640x360', rate });
await using camera = await Camera.start(Object.fromEntries(living.map((name) => [name, { video, rate }])));
await using service = await Program.service({
  log: { level: 'info' },
  streams: [
    ...living.map((name) => ({ name, source: rtspUrl(camera.port, name) })),
    ...dead.map((name, i) => ({ name, source: `rtsp://127.1.${i >> 8}.${(i & 255) + 1}:9/stream` })),
  ],
});
while ((await service.status('/healthz')) === 0) await sleep(20);
// The lag of the start is not what is asked for: reading begins it anew.
await metricsNow();

const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
const answersMs: number[] = [];
let mostChildren = 0;
let mostMiB = 0;
const watching = setInterval(() => {
  mostChildren = Math.max(mostChildren, service.decoders().length);
  mostMiB = Math.max(mostMiB, residentBytes(service.pid) / 2 ** 20);
}, 100);
while (elapsed() < seconds) {
  const asked = performance.now();
  await service.status('/healthz');
  answersMs.push(performance.now() - asked);
  await sleep(50);
}
clearInterval(watching);
const metrics = await metricsNow();
const lagMs = (name: string) => 1000 * (metrics.find((sample) => sample.name === name)?.value ?? NaN);
const lag = { p99: lagMs('nodejs_eventloop_lag_p99_seconds'), max: lagMs('nodejs_eventloop_lag_max_seconds') };
const attempts = metrics.filter(
  ({ name, labels }) => name === 'edge_cls_connect_attempts_total' && labels['stream']?.startsWith('dead'),
);
const cpu = cpuSeconds(service.pid);
const streams = living.map((name) => {
  const times = service.predictions(name).map(({ time }) => Date.parse(time) / 1000);
  const gaps = times.map((time, i) => (i === 0 ? 0 : time - (times[i - 1] ?? time)));
  const span = (times.at(-1) ?? NaN) - (times[0] ?? NaN);
  return { name, rate: (times.length - 1) / span, longestGap: Math.max(...gaps) };
});
const { code } = await service.stop();

const health = { p50: quantile(answersMs, 0.5), p99: quantile(answersMs, 0.99), max: Math.max(...answersMs) };
const harmed = streams.filter(({ longestGap, rate: got }) => !(longestGap < limits.gapSeconds && got > 0.9 * rate));
const tried = attempts.filter(({ value }) => value > 0).length;
const rows: readonly (readonly [string, string])[] = [
  ['/healthz', `${figures(health)} ms at p50, p99, most, of ${answersMs.length}`],
  ['event-loop lag', `${figures(lag)} ms at p99, most`],
  ['ffmpeg at a time', `${mostChildren}`],
  ['dead', `${tried} of ${dead.length} tried, ${attempts.reduce((sum, { value }) => sum + value, 0)} attempts`],
  ...streams.map(
    ({ name, rate: got, longestGap }) =>
      [name, `${got.toFixed(2)} frames/s, longest gap ${longestGap.toFixed(2)} s`] as const,
  ),
  ['CPU', `service ${cpu.own.toFixed(1)} s, its children ${cpu.reaped.toFixed(1)} s, since its start`],
  ['memory', `${mostMiB.toFixed(0)} MiB of the service`],
  ['stopped', `exit ${code}`],
];
for (const [name, text] of rows) console.log(`${name.padEnd(17)} ${text}`);
if (health.p99 > limits.healthMs || lag.p99 > limits.lagMs || harmed.length > 0) process.exitCode = 1;

/** However long the service needs to answer. */
async function metricsNow(): Promise<Sample[]> {
  for (;;) {
    const metrics = await service.metrics().catch(() => undefined);
    if (metrics !== undefined) return metrics;
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function figures(values: Readonly<Record<string, number>>): string {
  return Object.values(values)
    .map((value) => value.toFixed(0))
    .join(', ');
}
