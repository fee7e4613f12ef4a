/**
 * Runs the service beside looped cameras for a while and prints how it fares:
 *   npm run soak -- --streams 8 --minutes 10 [--size 1280x720] [--rate 5] [--faults] [--kills 200] [--crash]
 *
 * --faults: every few seconds a camera or its network fails. --kills: so many decoders and cameras
 * are killed, spread over the time. --crash: at the end the service is killed. Exit code 1 when a stream was lost or a process left behind.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/domain/random.ts';
import { cameraMissing, type Served } from '../../test/rig/camera.ts';
import { makeElementaryStream } from '../../test/rig/elementary-stream.ts';
import { isAlive } from '../../test/rig/processes.ts';
import { Program } from '../../test/rig/program.ts';
import { temporaryDirectory } from '../../test/support/videos.ts';
import { Cameras } from './cameras.ts';
import { report, takeSample, type Sample } from './figures.ts';
import { sleep, until } from './waiting.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '4' },
    minutes: { type: 'string', default: '1' },
    size: { type: 'string', default: '1280x720' },
    rate: { type: 'string', default: '5' },
    faults: { type: 'boolean', default: false },
    kills: { type: 'string', default: '0' },
    crash: { type: 'boolean', default: false },
  },
});
const names = Array.from({ length: Number(values.streams) }, (_, i) => `camera-${i + 1}`);
const seconds = 60 * Number(values.minutes);
const rate = Number(values.rate);
const kills = Number(values.kills);
/** How long nothing fails at the end, so that what was lost can come back. */
const quietSeconds = Math.min(30, seconds / 2);

if (cameraMissing !== undefined) {
  console.error(`soak ${cameraMissing}`);
  process.exit(2);
}

using directory = temporaryDirectory();
const video = (name: string, size: string): Served => ({
  rate,
  video: makeElementaryStream(join(directory.path, `${name}.h264`), { size, rate }),
});
/** The same faults in every run. */
const random = seededRandom(1);
const cameras = await Cameras.start(names, {
  usual: video('usual', values.size),
  other: video('other', '640x360'),
  random,
});
await using service = await Program.service({
  log: { level: 'info' },
  reconnect: { longest_delay_seconds: 10 },
  stream_defaults: { stall_seconds: 4 },
  streams: names.map((name) => ({ name, source: cameras.url(name) })),
});
await service.untilReady();
await until(() => names.every((name) => service.predictions(name).length > 0), 'every stream must be live', service);
console.log(`${names.length} streams of ${values.size} at ${rate} frames/s are live; ${seconds} s begin`);

const first = await service.metrics();
const began = performance.now();
const elapsed = () => (performance.now() - began) / 1000;
const from = new Date();
const samples: Sample[] = [];
const killed: number[] = [];
let nextFault = 5;
while (elapsed() < seconds) {
  await sleep(500);
  samples.push(takeSample(service, elapsed()));
  if (elapsed() > seconds - quietSeconds) continue;
  if (values.faults && elapsed() > nextFault) {
    nextFault = elapsed() + 5 + 10 * random.next();
    void cameras.fail();
  }
  while (killed.length + cameras.killed < (kills * elapsed()) / (seconds - quietSeconds)) await killOne();
}
const to = new Date();
const metrics = { first, last: await service.metrics() };
const lost = await lostStreams();
const decoders = service.decoders().map(({ pid }) => pid);
const predictions = service.predictions().filter(({ time }) => new Date(time) >= from && new Date(time) < to);
const { crash } = values;
const stop = await service.stop(crash ? 'SIGKILL' : 'SIGTERM');
const alive = () => [...decoders, ...killed].filter(isAlive).length;
const orphans = { first: alive(), last: (await sleep(5000), alive()) };
await cameras.close();
report({ names, from, to, predictions, samples, metrics, lost, orphans, stop, crash, killed: killed.length, cameras });

/** A decoder mostly, a camera now and then. */
async function killOne(): Promise<void> {
  if (random.next() < 0.1) {
    await cameras.killOne();
    return;
  }
  const alive = service.decoders().filter(({ state }) => state !== 'Z');
  const victim = alive[Math.floor(random.next() * alive.length)];
  if (!victim) {
    await sleep(200);
    return;
  }
  killed.push(victim.pid);
  process.kill(victim.pid, 'SIGKILL');
}

/** Those that are not decided any more. */
async function lostStreams(): Promise<string[]> {
  const before = new Map(names.map((name) => [name, service.predictions(name).length]));
  const silent = () => names.filter((name) => service.predictions(name).length <= (before.get(name) ?? 0));
  await until(() => silent().length === 0, 'every stream must be decided', service).catch(() => undefined);
  return silent();
}
