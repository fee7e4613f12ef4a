import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { startDecoder } from '../../../src/video/child/decoder-process.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { Stopped, type StopReason } from '../../../src/domain/stop.ts';
import { runDecoder } from '../../../src/video/decode/decode.ts';
import { Slots } from '../../../src/video/decode/slots.ts';
import { makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg, open, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
const plain = makeVideo(at('plain.mp4'));
const info = await probe(parseSource(plain), ffmpeg);

/** The real Node as a child that does what the script says. */
async function child(script: string, abort = new AbortController(), graceMs = 200) {
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    return line.startsWith('taken');
  };
  const started = await startDecoder({
    path: process.execPath,
    args: ['-e', script],
    signal: abort.signal,
    onLine,
    graceMs,
  });
  return { ...started, lines, abort };
}

/** Resolves when the child has said that it is ready. */
async function ready(lines: readonly string[]): Promise<void> {
  while (!lines.some((line) => line.includes('ready'))) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** State letter of /proc, undefined when the process is gone. */
function state(pid: number): string | undefined {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Dying takes a moment; an orphan may then wait for init as a zombie. */
async function expectGone(pid: number): Promise<void> {
  await expect.poll(() => state(pid), { timeout: 60_000, interval: 10 }).toBeOneOf([undefined, 'Z']);
}

function children(): string[] {
  return execFileSync('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => /ffmpeg|defunct| Z/.test(line));
}

const frameBytes = 3 * 32 * 24;
const small = { grid: { width: 32, height: 24 }, pixelFormat: 'gbrp' } as const;
const timeBase = '[showinfo@native @ 0x1] [info] config in time_base: 1/1, frame_rate: 1/1';
const infoLine = (n: number) =>
  `[showinfo@native @ 0x1] [info] n: ${n} pts: ${n} pts_time:${n} pos: 0 fmt:yuv420p sar:1/1 s:160x120 i:P`;

/** A program in ffmpeg's place. */
function fake(name: string, script: string) {
  const path = at(name);
  writeFileSync(at(`${name}.cjs`), script);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${at(`${name}.cjs`)}' "$@"\n`);
  chmodSync(path, 0o755);
  return { ...ffmpeg, path };
}

describe('a child', () => {
  test('ends by itself: code, and the last lines that nobody took', async () => {
    const { exited, lines } = await child(
      `console.error('taken'); for (let i = 0; i < 99; i++) console.error('line ' + i); process.exitCode = 3`,
    );
    const exit = await exited;
    expect(exit).toMatchObject({ code: 3, signal: undefined, startError: undefined });
    expect(lines).toHaveLength(100);
    expect(exit.lastLines).toHaveLength(40);
    expect(exit.lastLines.at(-1)).toBe('line 98');
  });

  test('cannot be started', async () => {
    const { signal } = new AbortController();
    const { exited } = await startDecoder({ path: '/nowhere/ffmpeg', args: [], signal, onLine: () => false });
    expect(await exited).toMatchObject({ code: undefined, startError: 'ENOENT' });
  });

  test.each<StopReason>(['closed', 'timeout', 'shutdown', 'failure'])(
    'ends when its signal aborts as %s',
    async (reason) => {
      const { exited, abort, pid, lines } = await child(`console.error('ready'); setInterval(() => {}, 1000)`);
      await ready(lines);
      abort.abort(new Stopped(reason));
      expect((await exited).signal).toBe('SIGTERM');
      expect(state(pid!)).toBeUndefined();
    },
  );

  test('one that ignores SIGTERM is killed, and so is one that is stopped', async () => {
    const deaf = await child(`process.on('SIGTERM', () => {}); console.error('ready'); setInterval(() => {}, 1000)`);
    const stopped = await child(`console.error('ready'); setInterval(() => {}, 1000)`);
    await Promise.all([ready(deaf.lines), ready(stopped.lines)]);
    process.kill(stopped.pid!, 'SIGSTOP');
    deaf.abort.abort(new Stopped('closed'));
    stopped.abort.abort(new Stopped('closed'));
    expect((await deaf.exited).signal).toBe('SIGKILL');
    expect((await stopped.exited).signal).toBe('SIGKILL');
  });

  test('what it started ends with it', async () => {
    const { exited, abort, lines } = await child(
      `const c = require('child_process').spawn('sleep', ['600'], { stdio: 'inherit' }); console.error('ready ' + c.pid); setInterval(() => {}, 1000)`,
    );
    await ready(lines);
    const grandchild = Number(lines.join().replace(/\D/g, ''));
    expect(state(grandchild)).toBeDefined();
    abort.abort(new Stopped('closed'));
    await exited;
    await expectGone(grandchild);
  });

  test('an abort before the start starts nothing that stays', async () => {
    const abort = new AbortController();
    abort.abort(new Stopped('closed'));
    const { exited, pid } = await child(`setInterval(() => {}, 1000)`, abort);
    await exited;
    expect(state(pid!)).toBeUndefined();
  });

  test('the process that ends without closing it takes it along', async () => {
    const program = at('parent.mts');
    const module = join(import.meta.dirname, '../../../src/video/child/decoder-process.ts');
    writeFileSync(
      program,
      `import { startDecoder } from ${JSON.stringify(module)};
       const { signal } = new AbortController();
       const { pid } = await startDecoder({ path: 'sleep', args: ['600'], signal, onLine: () => false });
       process.stdout.write(String(pid), () => process.exit(0));`,
    );
    const tsx = join(import.meta.dirname, '../../../node_modules/.bin/tsx');
    const pid = Number(execFileSync(tsx, [program], { encoding: 'utf8' }));
    expect(pid).toBeGreaterThan(1);
    await expectGone(pid);
  });
});

describe('a source whose ffmpeg', () => {
  test('falls silent after some frames is ended and reported as stalled', async () => {
    let now = 0;
    const clock = { now: () => now, date: () => new Date(0) };
    const silent = fake(
      'silent',
      `for (let n = 0; n < 2; n++) { console.error(${JSON.stringify(infoLine(0))}); process.stdout.write(Buffer.alloc(${frameBytes})); }
       setInterval(() => {}, 1000);`,
    );
    const { source } = await open(plain, { info, ffmpeg: silent, clock, realtime: true, stallSeconds: 10 });
    let received = 0;
    const error = await new Promise<unknown>((resolve) => {
      source.frames$.subscribe({
        next: (frame) => {
          source.release(frame.pixels);
          if (++received === 2) now = 10_001;
        },
        error: resolve,
        complete: () => resolve(undefined),
      });
    });
    expect(received).toBe(2);
    expect(error).toMatchObject({ reason: 'timeout' });
    expect((error as Error).message).toMatch(/none came for 10 s/);
    expect((await source.exited).reason).toBe('timeout');
  });

  test('never says a word is ended as well', async () => {
    let now = 0;
    const clock = { now: () => (now += 1000), date: () => new Date(0) };
    const mute = fake('mute', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);');
    const { error, exit } = await readAll(plain, { info, ffmpeg: mute, clock, realtime: true, stallSeconds: 5 });
    expect(error).toMatchObject({ reason: 'timeout' });
    expect(exit.reason).toBe('timeout');
  });

  test('is killed by someone else: an error, and no zombie', async () => {
    const dies = fake(
      'dies',
      `console.error(${JSON.stringify(infoLine(0))}); process.stdout.write(Buffer.alloc(${frameBytes}), () => process.kill(process.pid, 'SIGKILL'));`,
    );
    const { frames, error } = await readAll(plain, { info, ffmpeg: dies });
    expect(frames).toHaveLength(1);
    expect((error as Error).message).toMatch(/ended by SIGKILL/);
    expect(children()).toEqual([]);
  });

  test('does not say the size of its frames: none is handed on', async () => {
    const terse = fake('terse', `process.stdout.write(Buffer.alloc(${3 * frameBytes}));`);
    const { frames, error } = await readAll(plain, { info, ffmpeg: terse });
    expect(frames).toEqual([]);
    expect((error as Error).message).toMatch(/did not say the size of 3 frames/);
  });

  test('tells of a frame long after its pixels: they meet', async () => {
    const late = fake(
      'late',
      `process.stdout.write(Buffer.alloc(${2 * frameBytes}, 7), () => setTimeout(() => console.error(${JSON.stringify([timeBase, infoLine(0), infoLine(1)].join('\n'))}), 150));`,
    );
    const { frames, error } = await readAll(plain, { info, ffmpeg: late });
    expect(error).toBeUndefined();
    expect(frames.map((frame) => frame.presentationSeconds)).toEqual([0, 1]);
  });

  test('ends in the middle of a frame: the part is counted as lost', async () => {
    const cut = fake(
      'cut',
      `console.error(${JSON.stringify(infoLine(0))}); process.stdout.write(Buffer.alloc(${frameBytes + 10}));`,
    );
    const { frames, exit, drops } = await readAll(plain, { info, ffmpeg: cut });
    expect(frames).toHaveLength(1);
    expect(exit.decodeErrors).toBe(1);
    expect(drops).toEqual(['decode_error']);
  });

  test('ends is reaped before its reader is told of its own fault', async () => {
    const stays = fake(
      'stays',
      `console.error(${JSON.stringify(infoLine(0))}); process.stdout.write(Buffer.alloc(${frameBytes})); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`,
    );
    const { decode, slots } = { decode: { spec: parseSource(plain), info, ...small }, slots: new Slots(2, frameBytes) };
    const run = runDecoder({
      ffmpeg: stays,
      decode,
      slots,
      lossless: true,
      limits: { first: 10, then: 10 },
      clock: systemClock,
      abort: new AbortController(),
      onFrame: () => {
        throw new Error('a fault of the reader');
      },
      onLoss: () => undefined,
      onComplaint: () => undefined,
      onDecoder: () => undefined,
    });
    await expect(run).rejects.toThrow('a fault of the reader');
    expect(children()).toEqual([]);
  });

  test('shuts down when asked from outside: it completes', async () => {
    const abort = new AbortController();
    const { source } = await open(plain, { realtime: true, signal: abort.signal });
    await new Promise<void>((resolve, reject) => {
      source.frames$.subscribe({
        next: (frame) => {
          source.release(frame.pixels);
          abort.abort();
        },
        error: reject,
        complete: resolve,
      });
    });
    expect((await source.exited).reason).toBe('shutdown');
  });
});

test('50 times opened and closed: no descriptor, no process, no slot is left', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const cycle = async () => {
    const { source } = await open(plain, { info, realtime: true });
    await new Promise<void>((resolve, reject) => {
      const subscription = source.frames$.subscribe({
        next: (frame) => {
          source.release(frame.pixels);
          subscription.unsubscribe();
          resolve();
        },
        error: reject,
      });
    });
    expect((await source.exited).reason).toBe('closed');
  };
  await cycle();
  const before = descriptors();
  for (let i = 0; i < 50; i++) await cycle();
  expect(descriptors()).toBeLessThanOrEqual(before);
  expect(children()).toEqual([]);
});
