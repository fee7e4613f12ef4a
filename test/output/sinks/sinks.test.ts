import { mkdtemp, readdir, readFile, readlink, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import { Sinks, type SinkConfig } from '../../../src/output/sinks/sinks.ts';
import { eventRecord, predictionRecord, sequencesIn } from './records.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sinks-'));
});
afterAll(() => rm(directory, { recursive: true }));

function config(name: string, more: Partial<SinkConfig> = {}): SinkConfig {
  return { type: 'json_lines', name, path: join(directory, `${name}.jsonl`), every_frame: false, ...more };
}

function open(configs: readonly SinkConfig[], stdout = new PassThrough()) {
  const clock = { now: () => 0, date: () => new Date(0) };
  return Sinks.open(configs, { stdout, clock, tell: () => undefined });
}

const sequencesOf = async ({ path }: SinkConfig) => sequencesIn(await readFile(path, 'utf8'));

/** Paths below the test's directory that this process has open. */
async function openPaths(): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((descriptor) =>
    readlink(`/proc/self/fd/${descriptor}`).catch(() => ''),
  );
  return (await Promise.all(links)).filter((path) => path.startsWith(directory));
}

it('should give each record to each sink, standard output among them', async () => {
  const stdout = new PassThrough();
  const events = config('events');
  const frames = config('frames', { every_frame: true });
  const sinks = await open([events, frames, config('terminal', { path: '-' })], stdout);
  sinks.subscriber(eventRecord({ sequence: 1 }));
  sinks.subscriber(predictionRecord);
  await sinks[Symbol.asyncDispose]();
  expect(await sequencesOf(events)).toEqual([1]);
  expect(await sequencesOf(frames)).toEqual([1, 7]);
  expect(sequencesIn(String(stdout.read()))).toEqual([1]);
  expect(sinks.all.map((sink) => [sink.name, sink.counts().delivered])).toEqual([
    ['events', 1],
    ['frames', 2],
    ['terminal', 1],
  ]);
  expect(await openPaths()).toEqual([]);
});

it('should keep what a new configuration leaves as it was, open the new and close the old', async () => {
  const [kept, gone, changed, added] = [config('kept'), config('gone'), config('changed'), config('added')];
  const sinks = await open([kept, gone, changed]);
  const [first] = sinks.all;
  for (let sequence = 0; sequence < 3; sequence++) sinks.subscriber(eventRecord({ sequence }));
  await sinks.replace([{ ...kept }, { ...changed, every_frame: true }, added]);
  expect(sinks.all[0]).toBe(first);
  sinks.subscriber(eventRecord({ sequence: 3 }));
  sinks.subscriber(predictionRecord);
  expect(new Set(await openPaths())).toEqual(new Set([kept.path, changed.path, added.path]));
  await sinks[Symbol.asyncDispose]();
  expect(await sequencesOf(kept)).toEqual([0, 1, 2, 3]);
  expect(await sequencesOf(gone), 'what waited is written').toEqual([0, 1, 2]);
  expect(await sequencesOf(changed)).toEqual([0, 1, 2, 3, 7]);
  expect(await sequencesOf(added)).toEqual([3]);
});

it('should stay as it was when one cannot be opened', async () => {
  const kept = config('untouched');
  const fresh = config('fresh');
  const sinks = await open([kept]);
  const before = sinks.all;
  await expect(sinks.replace([fresh, config('wrong', { path: '/nonexistent/x.jsonl' })])).rejects.toThrow(
    ConfigurationError,
  );
  expect(sinks.all).toEqual(before);
  expect(await openPaths(), 'what was opened for nothing is closed').toEqual([kept.path]);
  sinks.subscriber(eventRecord({ sequence: 5 }));
  await sinks.flush();
  expect(await sequencesOf(kept)).toEqual([5]);
  await sinks[Symbol.asyncDispose]();
});

it('should open all anew when it is asked to', async () => {
  const moved = config('moved');
  const sinks = await open([moved]);
  sinks.subscriber(eventRecord({ sequence: 1 }));
  await sinks.flush();
  await rename(moved.path, `${moved.path}.1`);
  await sinks.reopen();
  expect(await openPaths()).toEqual([moved.path]);
  sinks.subscriber(eventRecord({ sequence: 2 }));
  await sinks[Symbol.asyncDispose]();
  expect(await sequencesOf(moved)).toEqual([2]);
});
