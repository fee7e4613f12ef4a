import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../../support/videos.ts';

/** Ends before the children would of themselves. */
const within = 60_000;

/** A program that starts a silent decoder and a silent probe, whose process ids go to the files. */
const program = (files: readonly string[]) => `
import { startDecoder } from './src/video/child/decoder-process.ts';
import { runFfmpeg } from './src/video/child/run-ffmpeg.ts';
const silent = (file) => ['-c', 'echo $$ >"' + file + '"; exec sleep 300'];
const [decoder, probe] = ${JSON.stringify(files)};
const signal = new AbortController().signal;
startDecoder({ path: '/bin/sh', args: silent(decoder), signal, onLine: () => true });
const ended = runFfmpeg('/bin/sh', silent(probe));
console.log('both are guarded');
await ended;
`;

test('children that are silent end with a process that is killed', async () => {
  using folder = temporaryDirectory();
  const files = ['decoder', 'probe'].map((name) => join(folder.path, name));
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program(files)]);
  const pids = () => files.map((file) => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0));
  await once(parent.stdout, 'data');
  await vi.waitFor(() => expect(pids().every((pid) => pid > 0)).toBe(true), within);
  expect(pids().map(lives)).toEqual([true, true]);
  parent.kill('SIGKILL');
  await once(parent, 'close');
  await vi.waitFor(() => expect(pids().map(lives)).toEqual([false, false]), within);
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
