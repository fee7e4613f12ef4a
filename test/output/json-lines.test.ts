import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserError } from '../../src/domain/errors.ts';
import type { StateEvent } from '../../src/domain/event.ts';
import { openJsonLines, type JsonLinesSink } from '../../src/output/json-lines.ts';

const date = new Date('2030-01-02T03:04:05.678Z');
const clock = { date: () => date };
const onset: StateEvent = {
  stream: 'door',
  kind: 'onset',
  label: 'cup',
  probability: Math.fround(0.4),
  presentationSeconds: 2.5,
  sinceSeconds: 2,
  sequence: 50,
};
const offset: StateEvent = { ...onset, kind: 'offset', durationSeconds: 3, final: true };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lines-'));
});
afterAll(() => rm(directory, { recursive: true }));

let files = 0;
function freshPath(): string {
  return join(directory, `${String(files++)}.jsonl`);
}

interface Failure {
  readonly message: string;
  readonly lines: number;
}

async function open(path: string, stdout: Writable = new PassThrough(), maxPendingBytes?: number) {
  const failures: Failure[] = [];
  const onError = ({ message }: UserError, lines: number) => failures.push({ message, lines });
  const sink = await openJsonLines(path, { stdout, clock, onError, ...(maxPendingBytes && { maxPendingBytes }) });
  return { sink, failures };
}

describe('JsonLinesSink', () => {
  it('should write events and predictions as documented, and append', async () => {
    const path = freshPath();
    const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (let i = 0; i < 2; i++) {
      const { sink } = await open(path);
      sink.event(onset);
      sink.event(offset);
      sink.prediction(
        {
          stream: 'door',
          sequence: 7,
          presentationSeconds: 1 / 3,
          capturedAt: 1000,
          decidedAt: 1032.5,
          native: { width: 1920, height: 1080 },
          probabilities: Float32Array.of(0.1, 0.3, 0, 0.25, 0.05, 0.2, 0.1),
        },
        labels,
      );
      await sink.close();
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
      { ...event, kind: 'offset', since_seconds: 2, duration_seconds: 3, final: true },
      {
        ...common,
        type: 'prediction',
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

  it('should use only keys that docs/events.md explains', async () => {
    const path = freshPath();
    const { sink } = await open(path);
    sink.event(offset);
    const probabilities = Float32Array.of(1);
    const native = { width: 1, height: 1 };
    const prediction = { stream: 's', sequence: 0, presentationSeconds: 0, capturedAt: 0, decidedAt: 0, native };
    sink.prediction({ ...prediction, probabilities, source: 'a.jpg' }, ['x']);
    await sink.close();
    const docs = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8');
    const documented = new Set(Array.from(docs.matchAll(/^\| `([a-z_]+)` +\|/gm), ([, key]) => key));
    const used = new Set(
      (await readFile(path, 'utf8'))
        .trim()
        .split('\n')
        .flatMap((line) => Object.keys(JSON.parse(line) as object)),
    );
    expect(documented).toEqual(used);
  });

  it('should keep passwords out', async () => {
    const path = freshPath();
    const { sink } = await open(path);
    sink.event({ ...onset, stream: 'rtsp://u:hunter2@cam/1' });
    await sink.close();
    expect(await readFile(path, 'utf8')).not.toContain('hunter2');
  });

  it('should close a line that a crash had cut', async () => {
    const path = freshPath();
    await writeFile(path, '{"schema":1,"ty');
    const { sink } = await open(path);
    sink.event(onset);
    await sink.close();
    const [broken, whole, end] = (await readFile(path, 'utf8')).split('\n');
    expect([broken, end]).toEqual(['{"schema":1,"ty', '']);
    expect(JSON.parse(whole!)).toMatchObject({ kind: 'onset' });
  });

  it('should leave whole lines only when the disk takes no more, and go on when it does again', async () => {
    const path = freshPath();
    // A limit of 2 blocks (1 KiB) on files stands for a full disk: a write that crosses it is cut short.
    const program = `
      import { openJsonLines } from ${JSON.stringify(new URL('../../src/output/json-lines.ts', import.meta.url).href)};
      const messages = [];
      const clock = { date: () => new Date(0) };
      const sink = await openJsonLines(${JSON.stringify(path)}, { stdout: process.stdout, clock, onError: (e, n) => messages.push([e.message, n]) });
      const event = ${JSON.stringify(onset)};
      for (let i = 0; i < 10; i++) { sink.event({ ...event, sequence: i }); await sink.flush(); }
      await sink.close();
      console.log(JSON.stringify({ written: sink.written, lost: sink.lost, messages }));
    `;
    const script = join(directory, 'limited.mts');
    await writeFile(script, program);
    const command = `ulimit -f 2; exec "${process.execPath}" --import tsx "${script}"`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], {
      cwd: new URL('../..', import.meta.url),
    });
    const result = JSON.parse(stdout) as { written: number; lost: number; messages: [string, number][] };
    const text = await readFile(path, 'utf8');
    const sequences = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    expect(text.endsWith('\n')).toBe(true);
    expect(sequences).toEqual(Array.from({ length: result.written }, (_, i) => i));
    expect(result.written).toBeGreaterThan(2);
    expect(result.written + result.lost).toBe(10);
    expect(result.messages[0]).toEqual([
      `Events must be written to ${path}, but 1 could not be (EFBIG): check the path and its disk`,
      1,
    ]);
    const { sink } = await open(path);
    sink.event(offset);
    await sink.close();
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(result.written + 1);
  });

  it('should name a full disk', async () => {
    const { sink, failures } = await open('/dev/full');
    sink.event(onset);
    sink.event(offset);
    await sink.close();
    expect(failures).toEqual([
      { message: 'Events must be written to /dev/full, but 2 could not be (ENOSPC): make room on the disk', lines: 2 },
    ]);
    expect([sink.written, sink.lost]).toEqual([0, 2]);
  });

  it('should stop when the reader of standard output has gone', async () => {
    const broken = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    const { sink, failures } = await open('-', broken);
    sink.event(onset);
    await sink.flush();
    sink.event(offset);
    await sink.close();
    expect(failures).toEqual([
      {
        message: 'Events must be read from standard output, but the reader has gone (EPIPE): no more are written',
        lines: 1,
      },
    ]);
    expect(sink.lost).toBe(2);
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
    const { sink, failures } = await open('-', slow, 1000);
    for (let i = 0; i < 100; i++) sink.event(onset);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(/^Events must be read from standard output as fast as they come/);
    await new Promise(setImmediate);
    release?.();
    await sink.close();
    expect(sink.written + sink.lost).toBe(100);
    expect(text.trimEnd().split('\n')).toHaveLength(sink.written);
    expect(sink.written).toBeGreaterThan(0);
  });

  it('should write everything in order, however much comes while it writes', async () => {
    const path = freshPath();
    const { sink } = await open(path);
    for (let i = 0; i < 2000; i++) {
      sink.event({ ...onset, sequence: i });
      if (i % 100 === 0) await sink.flush();
      if (i % 37 === 0) await new Promise(setImmediate);
    }
    await closeTwice(sink);
    const sequences = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as StateEvent).sequence);
    expect(sequences).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(() => sink.event(onset)).toThrow('the events file is closed');
  });

  it('should survive that another program empties the file', async () => {
    const path = freshPath();
    const { sink } = await open(path);
    sink.event(onset);
    await sink.flush();
    await writeFile(path, '');
    await appendFile(path, '{}\n');
    sink.event(offset);
    await sink.close();
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
  });

  it('should say that a file cannot be opened', async () => {
    await expect(open('/nonexistent/x.jsonl')).rejects.toThrow(
      'The events file /nonexistent/x.jsonl must be a file that can be written, but it cannot be opened (ENOENT): check the path and its permissions',
    );
  });
});

async function closeTwice(sink: JsonLinesSink): Promise<void> {
  await Promise.all([sink.close(), sink.close()]);
}
