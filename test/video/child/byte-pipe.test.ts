import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { openBytePipe } from '../../../src/video/child/byte-pipe.ts';
import { temporaryDirectory } from '../../support/videos.ts';

afterEach(() => vi.unstubAllEnvs());

/** A child that writes so many bytes, which count up. */
async function writing(bytes: number) {
  const pipe = await openBytePipe();
  const script = `process.stdout.write(Buffer.from(Array.from({ length: ${bytes} }, (_, i) => i % 251)))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', pipe.end, 'ignore'] });
  pipe.end.destroy();
  return { pipe, child };
}

const digest = (pieces: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(pieces)).digest('hex');
const counted = (bytes: number) => digest([Uint8Array.from({ length: bytes }, (_, i) => i % 251)]);

test('every byte comes once and in order, and no file is left', async () => {
  using directory = temporaryDirectory();
  vi.stubEnv('TMPDIR', directory.path);
  const { pipe } = await writing(3_000_000);
  expect(readdirSync(directory.path)).toEqual([]);
  const pieces: Uint8Array[] = [];
  await pipe.read((bytes) => void pieces.push(bytes.slice()));
  expect(digest(pieces)).toBe(counted(3_000_000));
});

test('the child waits while a piece is waited for, and the piece is not written over', async () => {
  const { pipe, child } = await writing(3_000_000);
  const pieces: Uint8Array[] = [];
  await pipe.read(async (bytes) => {
    if (pieces.length === 0) {
      await setTimeout(300);
      expect(child.exitCode).toBeNull();
    } else await setTimeout(1);
    pieces.push(bytes.slice());
  });
  expect(digest(pieces)).toBe(counted(3_000_000));
});

test.each([
  [
    'at once',
    () => {
      throw new Error('no more');
    },
  ],
  ['later', () => Promise.reject(new Error('no more'))],
])('what the reader throws ends the pipe: %s', async (_, onBytes) => {
  const { pipe, child } = await writing(3_000_000);
  await expect(pipe.read(onBytes)).rejects.toThrow('no more');
  await once(child, 'close');
});

test('closing ends the reading, and the child', async () => {
  const { pipe, child } = await writing(3_000_000);
  let seen = 0;
  await pipe.read((bytes) => {
    seen += bytes.length;
    pipe.close();
  });
  expect(seen).toBeLessThan(3_000_000);
  await once(child, 'close');
});

test.each(['missing', 'file', 'long'.repeat(30)])(
  'a folder for temporary files that will not do is named: %s',
  async (name) => {
    using directory = temporaryDirectory();
    const folder = join(directory.path, name);
    if (name === 'file') writeFileSync(folder, '');
    else if (name !== 'missing') mkdirSync(folder);
    vi.stubEnv('TMPDIR', folder);
    await expect(openBytePipe()).rejects.toThrow(
      `the folder for temporary files must be writable and its path shorter than 80 characters, ${folder} is not`,
    );
  },
);
