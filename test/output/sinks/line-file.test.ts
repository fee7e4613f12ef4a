import { execFile, spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import { LineFile } from '../../../src/output/sinks/line-file.ts';
import { close, eventRecord, jsonLines, sequencesIn } from './records.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lines-'));
});
afterAll(() => rm(directory, { recursive: true }));

let files = 0;
function freshPath(): string {
  return join(directory, `${String(files++)}.jsonl`);
}
const sequencesOf = async (path: string) => sequencesIn(await readFile(path, 'utf8'));

/** Writes events one at a time, each numbered. */
async function writer(path: string) {
  const { sink, told, time } = jsonLines(await LineFile.open(path));
  let sequence = 0;
  const write = async (count = 1) => {
    for (let i = 0; i < count; i++) sink.take(eventRecord({ sequence: sequence++ }));
    await sink.flush();
  };
  return { sink, told, time, write };
}

describe('a line that was cut', () => {
  it('by a crash should be closed before the next', async () => {
    const path = freshPath();
    await writeFile(path, '{"schema":1,"ty');
    const { sink, write } = await writer(path);
    await write();
    await close(sink);
    const [broken, whole = '', end] = (await readFile(path, 'utf8')).split('\n');
    expect([broken, end]).toEqual(['{"schema":1,"ty', '']);
    expect(JSON.parse(whole)).toMatchObject({ kind: 'onset' });
  });

  it('in the file that took the place of ours should be closed', async () => {
    const path = freshPath();
    const { sink, write } = await writer(path);
    await write(1);
    await rename(path, `${path}.1`);
    await writeFile(path, '{"half":');
    await write(1);
    await close(sink);
    expect((await readFile(path, 'utf8')).split('\n')[0]).toBe('{"half":');
  });

  it('by another program should be closed, too', async () => {
    const path = freshPath();
    const file = await LineFile.open(path);
    expect(await file.append(['1\n'])).toEqual({ written: 1 });
    await file.close();
    await appendFile(path, 'half');
    const again = await LineFile.open(path);
    expect(await again.append(['2\n', '3\n'])).toEqual({ written: 2 });
    await again.close();
    expect(await readFile(path, 'utf8')).toBe('1\nhalf\n2\n3\n');
  });
});

describe('a full disk', () => {
  it('should leave whole lines only, count those of a batch that went, and go on when it takes more', async () => {
    const path = freshPath();
    // A limit of 2 blocks (1 KiB) on files stands for a full disk: a write that crosses it is cut short.
    const source = (file: string) => JSON.stringify(new URL(`../../../src/output/sinks/${file}`, import.meta.url).href);
    const script = join(directory, 'limited.mts');
    await writeFile(
      script,
      `
      import { truncateSync } from 'node:fs';
      import { LineFile } from ${source('line-file.ts')};
      const path = ${JSON.stringify(path)};
      const file = await LineFile.open(path);
      const line = (i, length = 100) => JSON.stringify({ sequence: i, pad: 'x'.repeat(length) }) + '\\n';
      const told = [];
      const append = async (lines) => {
        const { written, error } = await file.append(lines);
        told.push([written, error?.code ?? null]);
      };
      await append(Array.from({ length: 20 }, (_, i) => line(i)));
      await append([line(20)]);
      truncateSync(path, 0);
      await append([line(21)]);
      await append([line(22, 2000)]);
      await append([line(23)]);
      await file.close();
      console.log(JSON.stringify(told));
      `,
    );
    const command = `ulimit -f 2; exec "${process.execPath}" --import tsx "${script}"`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], {
      cwd: new URL('../../..', import.meta.url),
    });
    const [first, ...told] = JSON.parse(stdout) as [number, string | null][];
    const [written, code] = first ?? [0, null];
    expect(code).toBe('EFBIG');
    expect(written).toBeGreaterThan(3);
    expect(written).toBeLessThan(20);
    expect(told).toEqual([
      [0, 'EFBIG'],
      [1, null],
      [0, 'EFBIG'],
      [1, null],
    ]);
    expect(await sequencesOf(path)).toEqual([21, 23]);
  });

  it('should be named, and count no line as delivered', async () => {
    const { sink, told, write } = await writer('/dev/full');
    for (let i = 0; i < 20; i++) await write();
    expect(sink.counts()).toEqual({ delivered: 0, failed: { full: 20, io: 0 }, lost: 0 });
    await close(sink);
    expect(told).toEqual([
      'Events must be written to /dev/full, but 1 could not be (ENOSPC): make room on the disk',
      '19 events could not be written to /dev/full',
    ]);
  });

  const mounted = process.getuid?.() === 0 && mountSmall();
  it.skipIf(!mounted)(
    `should be written to again when there is room${mounted ? '' : ' (no tmpfs can be mounted here)'}`,
    async () => {
      const path = join(small, 'events.jsonl');
      const { sink, told, write } = await writer(path);
      const ballast = join(small, 'ballast');
      await writeFile(ballast, Buffer.alloc(60 * 1024));
      await write(40);
      const { delivered, failed } = sink.counts();
      expect(delivered).toBeGreaterThan(0);
      expect(failed.full).toBe(40 - delivered);
      expect(await sequencesOf(path)).toEqual(Array.from({ length: delivered }, (_, i) => i));
      await unlink(ballast);
      await write(2);
      await close(sink);
      expect(sink.counts().delivered).toBe(delivered + 2);
      expect((await sequencesOf(path)).slice(-2)).toEqual([40, 41]);
      expect(told).toEqual([
        `Events must be written to ${path}, but ${failed.full} could not be (ENOSPC): make room on the disk`,
        `Events are written to ${path} again`,
      ]);
    },
  );
});

describe('a file that is taken away', () => {
  it('should be made again after it was moved, and what was moved be whole', async () => {
    const path = freshPath();
    const { sink, write } = await writer(path);
    await write(3);
    await rename(path, `${path}.1`);
    await write(2);
    await rename(path, `${path}.2`);
    await writeFile(path, '');
    await write(2);
    await close(sink);
    expect(await sequencesOf(`${path}.1`)).toEqual([0, 1, 2]);
    expect(await sequencesOf(`${path}.2`)).toEqual([3, 4]);
    expect(await sequencesOf(path)).toEqual([5, 6]);
  });

  it('should be appended to from its new end after it was emptied', async () => {
    const path = freshPath();
    const { sink, write } = await writer(path);
    await write(3);
    await truncate(path, 0);
    await write(2);
    await truncate(path, 0);
    await appendFile(path, '{"sequence":"other"}\n');
    await write(1);
    await close(sink);
    expect(await sequencesOf(path)).toEqual(['other', 5]);
  });

  it('should lose, and count, only what comes while it cannot be made again', async () => {
    const path = join(directory, 'folder');
    const { sink, told, write } = await writer(path);
    await write(1);
    await rename(path, `${path}.1`);
    await mkdir(path);
    await write(2);
    await rmdir(path);
    await write(1);
    await close(sink);
    expect(sink.counts()).toEqual({ delivered: 2, failed: { full: 0, io: 2 }, lost: 0 });
    expect(told).toEqual([
      `Events must be written to ${path}, but 2 could not be (EISDIR): check the path and its disk`,
      `Events are written to ${path} again`,
    ]);
    expect(await sequencesOf(path)).toEqual([3]);
  });

  it('should let go of the one before when it is asked to, so that its room comes free', async () => {
    const path = freshPath();
    const { sink, write } = await writer(path);
    await write(1);
    await rename(path, `${path}.1`);
    const { ino } = await stat(`${path}.1`);
    expect(await openInodes()).toContain(ino);
    await sink.reopen();
    expect(await openInodes()).not.toContain(ino);
    expect((await stat(path)).size).toBe(0);
    await close(sink);
  });
});

describe('logrotate', () => {
  const there = spawnSync('logrotate', ['--version']).error === undefined;
  it.skipIf(!there).each(['create', 'copytruncate'])(
    `should find each line in one file, with %s${there ? '' : ' (logrotate is not installed)'}`,
    async (mode) => {
      const path = freshPath();
      const { sink, write } = await writer(path);
      const configuration = join(directory, `${mode}.conf`);
      await writeFile(configuration, `"${path}" {\n su root root\n rotate 5\n ${mode}\n nocompress\n}\n`, {
        mode: 0o644,
      });
      for (let i = 0; i < 3; i++) {
        await write(4);
        const { stderr, status } = spawnSync('logrotate', [
          '-f',
          '-s',
          join(directory, `${mode}.state`),
          configuration,
        ]);
        expect(`${status} ${stderr.toString()}`).toBe('0 ');
      }
      await write(4);
      await close(sink);
      for (const [suffix, from] of [
        ['.3', 0],
        ['.2', 4],
        ['.1', 8],
        ['', 12],
      ] as const) {
        expect(await sequencesOf(path + suffix), suffix).toEqual([0, 1, 2, 3].map((i) => from + i));
      }
    },
  );
});

describe('what is not a regular file', () => {
  it('a pipe that nobody reads should refuse, and neither wait nor join what it took of a line to the next', async () => {
    const path = join(directory, 'pipe');
    spawnSync('mkfifo', [path]);
    const { sink, write } = await writer(path);
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const read = async () => (await reader.read(Buffer.alloc(1 << 20))).buffer.toString().replaceAll('\0', '');
    for (let i = 0; i < 20; i++) await write(100);
    const { delivered, failed } = sink.counts();
    expect(delivered).toBeGreaterThan(100);
    expect(failed.io).toBe(2000 - delivered);
    const before = await read();
    expect(before.endsWith('\n'), 'it took a part of a line').toBe(false);
    await write(1);
    await close(sink);
    const lines = (before + (await read())).split('\n').slice(0, -1);
    await reader.close();
    const [part, last = ''] = lines.splice(-2);
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toHaveLength(delivered);
    expect(part).not.toMatch(/}$/);
    expect(JSON.parse(last)).toMatchObject({ sequence: 2000 });
  });
});

it('should say that a file cannot be opened, as a wrong configuration', async () => {
  const opening = LineFile.open('/nonexistent/x.jsonl');
  await expect(opening).rejects.toThrow(ConfigurationError);
  await expect(opening).rejects.toThrow(
    'The events file /nonexistent/x.jsonl must be a file that can be written, but it cannot be opened (ENOENT): check the path and its permissions',
  );
});

let small = '';
/** A file system of 64 KiB; whether there is one. */
function mountSmall(): boolean {
  const path = spawnSync('mktemp', ['-d']).stdout.toString().trim();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]).status !== 0) return false;
  small = path;
  return true;
}
afterAll(() => {
  if (small === '') return;
  spawnSync('umount', [small]);
  spawnSync('rmdir', [small]);
});

async function openInodes(): Promise<number[]> {
  const descriptors = await readdir('/proc/self/fd');
  const inodes = await Promise.all(
    descriptors.map((descriptor) =>
      stat(`/proc/self/fd/${descriptor}`).then(
        ({ ino }) => ino,
        () => -1,
      ),
    ),
  );
  return inodes;
}
