/**
 * How a service fares beside cameras that are gone, and callers that never end their request: half a minute with living
 * cameras alone, a minute with the dead ones, a quarter of one with the callers as well:
 *   npm run bench:dead-cameras -- [--refusing 200] [--silent 200] [--living 4] [--seconds 60]
 *
 * The dead ones are addresses of the loopback, each a host of its own: some refuse, some take the connection and never
 * say a word. Exit code 1 when the service did not answer in time, or a living camera was harmed.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Camera, cameraMissing, rtspUrl } from '../../test/rig/camera.ts';
import { makeElementaryStream } from '../../test/rig/elementary-stream.ts';
import { cpuSeconds, residentBytes } from '../../test/rig/processes.ts';
import { Program } from '../../test/rig/program.ts';
import { temporaryDirectory } from '../../test/support/videos.ts';
import { sleep, until } from './waiting.ts';

const { values } = parseArgs({
  options: {
    refusing: { type: 'string', default: '200' },
    silent: { type: 'string', default: '200' },
    living: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '60' },
  },
});
const seconds = Number(values.seconds);
const rate = 5;
const connections = 10_000;
const names = (kind: string, count: string) => Array.from({ length: Number(count) }, (_, i) => `${kind}-${i + 1}`);
const living = names('living', values.living);
const refusing = names('refusing', values.refusing);
const silent = names('silent', values.silent);

if (cameraMissing !== undefined) {
  console.error(`bench:dead-cameras ${cameraMissing}`);
  process.exit(2);
}

using directory = temporaryDirectory();
const video = makeElementaryStream(join(directory.path, 'usual.h264'), { size: '640x360', rate });
await using camera = await Camera.start(Object.fromEntries(living.map((name) => [name, { video, rate }])));
const mute = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '0.0.0.0');
await once(mute, 'listening');
const { port: mutePort } = mute.address() as AddressInfo;
const alive = living.map((name) => ({ name, source: rtspUrl(camera.port, name) }));
const dead = [
  ...refusing.map((name, i) => ({ name, source: address(1, i, 9) })),
  ...silent.map((name, i) => ({ name, source: address(2, i, mutePort) })),
];
const common = { log: { level: 'info' } };
await using service = await Program.service({ ...common, streams: alive });
await until(() => living.every((name) => service.predictions(name).length > rate), 'all living ones are live', service);
const alone = await watched(seconds / 2);
service.configure({ ...common, streams: [...alive, ...dead] });
service.signal('SIGHUP');
const beside = await watched(seconds);
const flood = connecting();
const flooded = await watched(seconds / 4);
await flood;
const metrics = await service.metrics();
const cpu = cpuSeconds(service.pid);
const { code } = await service.stop();
mute.close();

const limits = { healthMs: 200, lagMs: 100, gapSeconds: 2, share: 0.9 };
const rows: readonly (readonly string[])[] = [
  ['', 'alone', `beside ${dead.length} dead ones`, `and ${connections} connections`],
  ['/healthz p50, p99', ...each(({ health }) => `${figures(health)} ms`)],
  ['event-loop lag p99', ...each(({ lagMs }) => `${lagMs.toFixed(0)} ms`)],
  ['ffmpeg at a time', ...each(({ children }) => `${children}`)],
  ...living.map((_, i) => [living[i] ?? '', ...each(({ streams }) => paceText(streams[i]))] as const),
  ['memory', ...each(({ mebibytes }) => `${mebibytes.toFixed(0)} MiB`)],
  ['refusing', '', attempts(refusing)],
  ['silent', '', attempts(silent)],
  ['CPU', '', `service ${cpu.own.toFixed(1)} s, its children ${cpu.reaped.toFixed(1)} s, since its start`],
  ['stopped', '', `exit ${code}`],
];
for (const cells of rows)
  console.log(
    cells
      .map((cell) => cell.padEnd(30))
      .join('')
      .trimEnd(),
  );
const harmed = beside.streams.filter(
  ({ rate: got, longestGap }, i) =>
    longestGap > limits.gapSeconds || !(got > limits.share * (alone.streams[i]?.rate ?? NaN)),
);
if (
  Math.max(beside.health.p99, flooded.health.p99) > limits.healthMs ||
  beside.lagMs > limits.lagMs ||
  harmed.length > 0
)
  process.exitCode = 1;

/** Callers without a token that begin a request and never end it. */
async function connecting(): Promise<void> {
  const sockets: Socket[] = [];
  const { port, hostname } = new URL(service.address);
  for (let i = 0; i < connections; i++) {
    const socket = connect(Number(port), hostname, () => socket.write('GET /healthz HTTP/1.1\r\nhost: 127'));
    sockets.push(socket.on('error', () => undefined));
    if (i % 100 === 0) await sleep((100 * 1000 * seconds) / 4 / connections);
  }
  for (const socket of sockets) socket.destroy();
}

interface Pace {
  /** Frames per second. */
  readonly rate: number;
  /** Seconds. */
  readonly longestGap: number;
}

/** How the service fares for so many seconds. */
async function watched(forSeconds: number) {
  // Reading begins the lag anew.
  await service.metrics();
  const [from, end] = [Date.now() / 1000, performance.now() + 1000 * forSeconds];
  const answersMs: number[] = [];
  let children = 0;
  let mebibytes = 0;
  while (performance.now() < end) {
    const asked = performance.now();
    await service.status('/healthz');
    answersMs.push(performance.now() - asked);
    children = Math.max(children, service.decoders().length);
    mebibytes = Math.max(mebibytes, residentBytes(service.pid) / 2 ** 20);
    await sleep(50);
  }
  const lagMs = 1000 * (await service.metric('nodejs_eventloop_lag_p99_seconds'));
  const health = { p50: quantile(answersMs, 0.5), p99: quantile(answersMs, 0.99) };
  return { health, lagMs, children, mebibytes, streams: living.map((name) => paceOf(name, from)) };
}

function paceOf(name: string, from: number): Pace {
  const times = service
    .predictions(name)
    .map(({ time }) => Date.parse(time) / 1000)
    .filter((time) => time > from);
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return { rate: gaps.length / ((times.at(-1) ?? NaN) - (times[0] ?? NaN)), longestGap: Math.max(...gaps) };
}

function paceText(pace: Pace | undefined): string {
  return pace ? `${pace.rate.toFixed(2)} frames/s, gap ${pace.longestGap.toFixed(2)} s` : '';
}

function each(text: (phase: typeof alone) => string): string[] {
  return [alone, beside, flooded].map(text);
}

/** Each index is a host of its own. */
function address(network: number, index: number, port: number): string {
  return `rtsp://127.${network}.${index >> 8}.${(index & 255) + 1}:${port}/stream`;
}

function attempts(streams: readonly string[]): string {
  const counts = metrics
    .filter(
      ({ name, labels }) => name === 'edge_cls_connect_attempts_total' && streams.includes(labels['stream'] ?? ''),
    )
    .map(({ value }) => value);
  const tried = counts.filter((count) => count > 0).length;
  return `${tried} of ${streams.length} tried, ${counts.reduce((sum, count) => sum + count, 0)} attempts`;
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
