import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sequencesIn } from '../output/sinks/records.ts';
import { Program } from '../rig/program.ts';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';

const within = { timeout: 60_000, interval: 200 };
const directory = temporaryDirectory();
let video: string;
beforeAll(() => {
  video = makeVideo(join(directory.path, 'long.mp4'), { rate: 5, seconds: 240 });
});
afterAll(() => directory.remove());

const sink = (name: string, path: string) => ({ type: 'json_lines', name, path, every_frame: true });
const streams = () => [{ name: 'door', source: video, realtime: true }];

describe('a service whose sinks do not take what it gives', () => {
  const file = join(directory.path, 'events.jsonl');
  let service: Program;
  beforeAll(async () => {
    const sinks = [sink('file', file), sink('full', '/dev/full'), sink('terminal', '-')];
    service = await Program.service({ sinks, streams: streams() });
    await service.untilReady();
  });
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(service.output.slice(-4000))));
  afterAll(() => service[Symbol.asyncDispose]());

  const lines = () => sequencesIn(readFileSync(file, 'utf8')).length;
  const counted = (what: 'published' | 'failed' | 'lost', name: string) =>
    service.metric(`edge_cls_events_${what}_total`, { sink: name });
  const writesOn = async () => {
    const before = lines();
    await expect.poll(lines, within).toBeGreaterThan(before + 5);
  };

  test('counts nothing as published on a full disk, and says so once', async () => {
    await expect.poll(() => counted('failed', 'full'), within).toBeGreaterThan(5);
    expect(await counted('published', 'full')).toBe(0);
    expect(await counted('published', 'file')).toBeGreaterThan(5);
    expect(service.output.match(/must be written to \/dev\/full/g)).toHaveLength(1);
  });

  test('goes on when the reader of standard output has gone, and counts what that loses', async () => {
    expect(await counted('lost', 'terminal')).toBe(0);
    expect(await counted('published', 'terminal')).toBeGreaterThan(0);
    service.unread('stdout', 'destroy');
    await expect.poll(() => counted('lost', 'terminal'), within).toBeGreaterThan(5);
    expect(service.output).toContain('but the reader has gone (EPIPE): no more are written');
    await writesOn();
  });

  test('goes on when nobody reads its messages', async () => {
    service.unread('stderr', 'destroy');
    // It says something: a configuration that it refuses.
    service.configure({ batch: { size: 'many' } });
    expect(await service.post('/api/v1/reload')).toBe(422);
    await writesOn();
  });

  test('makes a file anew that was moved, also on SIGHUP', async () => {
    renameSync(file, `${file}.1`);
    service.signal('SIGHUP');
    await expect.poll(() => lines(), within).toBeGreaterThan(5);
    const [last = 0] = sequencesIn(readFileSync(`${file}.1`, 'utf8')).slice(-1);
    expect(sequencesIn(readFileSync(file, 'utf8'))[0]).toBe(last + 1);
    expect((await service.stop()).code).toBe(0);
  });
});

test('a service ends in seconds although nobody reads its standard output', async () => {
  await using service = await Program.service({ sinks: [sink('terminal', '-')], streams: streams() });
  await service.untilReady();
  service.unread('stdout', 'pause');
  const published = () => service.metric('edge_cls_events_published_total');
  let before = -1;
  await expect
    .poll(
      async () => {
        const still = (await published()) === before;
        before = await published();
        return still && before > 100;
      },
      { timeout: 120_000, interval: 1500 },
    )
    .toBe(true);
  const { code, seconds } = await service.stop();
  expect(code).toBe(0);
  expect(seconds).toBeLessThan(15);
});
