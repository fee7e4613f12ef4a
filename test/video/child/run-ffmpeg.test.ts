import { expect, test } from 'vitest';
import { runFfmpeg } from '../../../src/video/child/run-ffmpeg.ts';

const shell = (script: string) => ['-c', script] as const;

test('what it wrote, whole, and how it ended', async () => {
  const run = await runFfmpeg('/bin/sh', shell('cat; echo out; echo words >&2; exit 3'));
  expect(run).toEqual({ stdout: 'out\n', stderr: 'words\n', exitCode: 3, timedOut: false, code: undefined });
});

test('one that ends by itself when it is asked to was too late all the same', async () => {
  const run = await runFfmpeg('/bin/sh', shell('trap "exit 1" TERM; while :; do sleep 0.05; done'), { timeoutMs: 300 });
  expect(run).toMatchObject({ timedOut: true, exitCode: 1 });
});

test('an abort is not lateness', async () => {
  const stop = new AbortController();
  const run = runFfmpeg('/bin/sh', shell('sleep 100'), { signal: stop.signal, timeoutMs: 60_000 });
  stop.abort();
  expect(await run).toMatchObject({ timedOut: false, exitCode: undefined });
});

test('one that cannot be started says why', async () => {
  expect(await runFfmpeg('/nowhere/ffmpeg', [])).toMatchObject({ code: 'ENOENT', exitCode: undefined, stdout: '' });
});
