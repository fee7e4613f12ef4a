import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Appended, LineDestination } from '../../../src/output/sinks/line-destination.ts';
import { LineFile } from '../../../src/output/sinks/line-file.ts';
import { lineStream } from '../../../src/output/sinks/line-stream.ts';
import {
  close,
  eventRecord,
  jsonLines,
  offset,
  onset,
  pictureRecord,
  predictionRecord,
  sequencesIn,
} from './records.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lines-'));
});
afterAll(() => rm(directory, { recursive: true }));

let files = 0;
function freshPath(): string {
  return join(directory, `${String(files++)}.jsonl`);
}

const fault = (code: string) => Object.assign(new Error(code), { code });

/** Keeps what it is given until `answer` says what became of it. */
function held() {
  const calls: { lines: readonly string[]; answer: (appended: Appended) => void }[] = [];
  const destination: LineDestination = {
    name: 'x',
    append: (lines) => new Promise((answer) => calls.push({ lines, answer })),
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { calls, destination };
}

describe('the lines', () => {
  it('should be as documented, and appended', async () => {
    const path = freshPath();
    for (let i = 0; i < 2; i++) {
      const { sink } = jsonLines(await LineFile.open(path));
      sink.take(eventRecord(onset));
      sink.take(eventRecord({ ...offset, takenAt: Date.UTC(2029, 11, 31, 23, 59, 59, 7) }));
      sink.take(pictureRecord);
      await close(sink);
      expect(sink.counts()).toEqual({ delivered: 3, failed: { full: 0, io: 0 }, lost: 0 });
    }
    const text = await readFile(path, 'utf8');
    const lines = text.trimEnd().split('\n');
    expect(text.endsWith('\n')).toBe(true);
    expect(lines).toHaveLength(6);
    expect(lines.slice(3)).toEqual(lines.slice(0, 3));
    const common = { schema: 1, time: '2030-01-02T03:04:05.678Z', stream: 'door' };
    const event = { ...common, type: 'event', label: 'cup', probability: 0.4, presentation_seconds: 2.5, sequence: 50 };
    expect(lines.slice(0, 3).map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...event, kind: 'onset', since_seconds: 2 },
      {
        ...event,
        kind: 'offset',
        since_seconds: 2,
        duration_seconds: 3,
        final: true,
        taken_at: '2029-12-31T23:59:59.007Z',
      },
      {
        ...common,
        type: 'prediction',
        source: 'a.jpg',
        sequence: 7,
        presentation_seconds: 0.333333,
        age_seconds: 0.0325,
        native_width: 1920,
        native_height: 1080,
        labels: [
          { label: 'b', probability: 0.3 },
          { label: 'd', probability: 0.25 },
          { label: 'f', probability: 0.2 },
          { label: 'a', probability: 0.1 },
          { label: 'g', probability: 0.1 },
        ],
      },
    ]);
  });

  it('should keep passwords out', async () => {
    const path = freshPath();
    const { sink } = jsonLines(await LineFile.open(path));
    sink.take(eventRecord({ stream: 'rtsp://u:hunter2@cam/1' }));
    await close(sink);
    expect(await readFile(path, 'utf8')).not.toContain('hunter2');
  });

  it('should hold predictions only where they are wanted', async () => {
    const path = freshPath();
    const { sink } = jsonLines(await LineFile.open(path), { everyFrame: false });
    sink.take(predictionRecord);
    sink.take(eventRecord());
    // A picture makes no event: its prediction is the record of it.
    sink.take(pictureRecord);
    await close(sink);
    expect(sequencesIn(await readFile(path, 'utf8'))).toEqual([50, 7]);
    expect(sink.counts()).toMatchObject({ delivered: 2, lost: 0 });
  });

  it('should all be there, in order, however many come while it writes', async () => {
    const path = freshPath();
    const { sink } = jsonLines(await LineFile.open(path));
    for (let sequence = 0; sequence < 2000; sequence++) {
      sink.take(eventRecord({ sequence }));
      if (sequence % 100 === 0) await sink.flush();
      if (sequence % 37 === 0) await new Promise(setImmediate);
    }
    await Promise.all([close(sink), close(sink)]);
    expect(sequencesIn(await readFile(path, 'utf8'))).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    sink.take(eventRecord());
    expect(sink.counts(), 'what comes too late is lost, and nothing is thrown').toMatchObject({
      delivered: 2000,
      lost: 1,
    });
  });
});

describe('the counts', () => {
  it('should call delivered only what has been written', async () => {
    const { calls, destination } = held();
    const { sink } = jsonLines(destination);
    for (let sequence = 0; sequence < 5; sequence++) sink.take(eventRecord({ sequence }));
    await new Promise(setImmediate);
    expect(
      calls.map(({ lines }) => lines.length),
      'lines of one moment go together',
    ).toEqual([5]);
    expect(sink.counts().delivered).toBe(0);
    sink.take(eventRecord());
    calls[0]?.answer({ written: 3, error: fault('ENOSPC') });
    await new Promise(setImmediate);
    expect(sink.counts()).toEqual({ delivered: 3, failed: { full: 2, io: 0 }, lost: 0 });
    calls[1]?.answer({ written: 0, error: fault('EIO') });
    await sink.flush();
    expect(sink.counts()).toEqual({ delivered: 3, failed: { full: 2, io: 1 }, lost: 0 });
  });

  it('should say once what a full disk loses, then once a minute, and when there is room again', async () => {
    const { calls, destination } = held();
    const { sink, told, time } = jsonLines(destination);
    const write = async (now: number, error?: Error) => {
      time.now = now;
      sink.take(eventRecord());
      await new Promise(setImmediate);
      calls.at(-1)?.answer(error === undefined ? { written: 1 } : { written: 0, error });
      await sink.flush();
    };
    const full = fault('ENOSPC');
    const sentence = (lines: number) =>
      `Events must be written to x, but ${lines} could not be (ENOSPC): make room on the disk`;
    for (let second = 0; second < 60; second++) await write(second * 1000, full);
    expect(told).toEqual([sentence(1)]);
    await write(60_000, full);
    expect(told).toEqual([sentence(1), sentence(60)]);
    await write(61_000, full);
    await write(62_000);
    expect(told.slice(2)).toEqual(['Events are written to x again; 1 more were lost meanwhile']);
    // On the brink, several times within a minute.
    for (let i = 0; i < 5; i++) {
      await write(63_000, full);
      await write(63_000);
    }
    expect(told).toHaveLength(3);
    await close(sink);
    expect(told.slice(3)).toEqual(['5 events could not be written to x']);
    expect(sink.counts()).toEqual({ delivered: 6, failed: { full: 67, io: 0 }, lost: 0 });
  });

  it('should count as lost all that comes after the reader has gone, and try no more', async () => {
    let tried = 0;
    const broken = new Writable({
      write: (_chunk, _encoding, done) => {
        tried++;
        done(fault('EPIPE'));
      },
    });
    const { sink, told } = jsonLines(lineStream(broken, 'standard output'));
    sink.take(eventRecord());
    await new Promise((resolve) => process.nextTick(resolve));
    sink.take(eventRecord());
    await sink.flush();
    for (let i = 0; i < 3; i++) {
      sink.take(eventRecord());
      await sink.flush();
    }
    await close(sink);
    expect(told).toEqual([
      'Events must be read from standard output, but the reader has gone (EPIPE): no more are written',
    ]);
    expect(sink.counts()).toEqual({ delivered: 0, failed: { full: 0, io: 0 }, lost: 5 });
    expect(tried).toBe(1);
  });

  it('should bound what waits for a slow reader, tell it once, and keep what was accepted', async () => {
    let release: (() => void) | undefined;
    let text = '';
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        release = done;
      },
    });
    const { sink, told } = jsonLines(lineStream(slow, 'standard output'), { maxPendingBytes: 1000 });
    for (let i = 0; i < 50; i++) sink.take(eventRecord());
    await new Promise(setImmediate);
    for (let i = 0; i < 50; i++) sink.take(eventRecord());
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^Events must be read from standard output as fast as they come, but \d+ bytes wait already: 1 could not wait as well$/,
    );
    release?.();
    await sink.flush();
    const { delivered, lost } = sink.counts();
    expect(delivered).toBeGreaterThan(0);
    expect(delivered + lost).toBe(100);
    expect(sequencesIn(text)).toHaveLength(delivered);
    // What could wait no longer can again.
    sink.take(eventRecord());
    await new Promise(setImmediate);
    release?.();
    await close(sink);
    expect(sink.counts()).toMatchObject({ delivered: delivered + 1, lost });
  });

  it('should wait for a reader who does not read only so long at the end', async () => {
    const { calls, destination } = held();
    const { sink, told } = jsonLines(destination, { patienceSeconds: 0.02 });
    for (let i = 0; i < 3; i++) sink.take(eventRecord());
    await new Promise(setImmediate);
    sink.take(eventRecord());
    await close(sink);
    expect(sink.counts()).toEqual({ delivered: 0, failed: { full: 0, io: 0 }, lost: 4 });
    expect(told[0]).toMatch(/4 could not wait as well$/);
    calls[0]?.answer({ written: 3 });
    await sink.flush();
    expect(sink.counts(), 'each is counted once').toMatchObject({ delivered: 0, lost: 4 });
    expect(calls).toHaveLength(1);
  });
});

describe('opening anew', () => {
  it('should come after what was taken, and never reject', async () => {
    const { calls, destination } = held();
    let reopened = 0;
    const refusing: LineDestination = {
      ...destination,
      reopen: () => {
        reopened++;
        return Promise.reject(fault('EACCES'));
      },
    };
    const { sink, told } = jsonLines(refusing);
    sink.take(eventRecord());
    const done = sink.reopen();
    await new Promise(setImmediate);
    expect(reopened).toBe(0);
    calls[0]?.answer({ written: 1 });
    await done;
    expect(reopened).toBe(1);
    expect(told).toEqual([
      'Events must be written to x, but it cannot be opened anew (EACCES): check the path and its permissions',
    ]);
  });
});
