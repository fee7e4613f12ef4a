/** A folder of clips on a machine that has other things to do, as a camera's card is read in; `npm run test:many-clips`: 300. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { DisposeStack } from '../../src/domain/dispose-stack.ts';
import { residentBytes } from '../rig/processes.ts';
import { Program } from '../rig/program.ts';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const cores = availableParallelism();
const clips = Number(process.env['MANY_CLIPS'] ?? 24);
const framesPerClip = 4;
const mebibytes = (bytes: number) => bytes / 2 ** 20;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Other programs' work, at a lower priority: one process for each core. */
function load(): AsyncDisposable {
  const script = 'for (;;);';
  const children = Array.from({ length: cores }, () => spawn('nice', ['-n', '5', process.execPath, '-e', script]));
  return {
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => once(child, 'close')));
    },
  };
}

describe('edge-cls run on a folder of clips, one of them broken', () => {
  let program: Program;
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(program.output.slice(-4000))));

  test('classifies all, a few at a time, in the same memory', { timeout: 500_000 }, async () => {
    const folder = join(directory.path, 'card');
    mkdirSync(folder);
    const kinds = ['160x120', '320x180'].map((size) =>
      makeVideo(join(directory.path, `${size}.mp4`), { size, rate: 10, seconds: framesPerClip / 10 }),
    );
    for (let i = 0; i < clips; i++) {
      copyFileSync(kinds[i % kinds.length]!, join(folder, `clip-${String(i).padStart(3, '0')}.mp4`));
    }
    writeFileSync(join(folder, 'clip-010b.mp4'), 'no video');

    await using work = new DisposeStack();
    work.use(load());
    const began = performance.now();
    await using started = (program = Program.run(folder));
    const samples: { readonly resident: number; readonly decoders: number; readonly done: number }[] = [];
    const running = new AbortController();
    const exited = started.exited().finally(() => running.abort());
    let firstSeconds: number | undefined;
    while (!running.signal.aborted) {
      const done = new Set(started.predictions().map(({ stream }) => stream)).size;
      if (done > 0) firstSeconds ??= (performance.now() - began) / 1000;
      samples.push({ resident: residentBytes(started.pid), decoders: started.decoders().length, done });
      await Promise.race([sleep(250), exited]);
    }
    expect(await exited).toBe(1);
    const seconds = (performance.now() - began) / 1000;

    const lines = started.predictions();
    const perClip = new Map<string, number>();
    for (const { stream } of lines) perClip.set(stream, (perClip.get(stream) ?? 0) + 1);
    expect(perClip.size).toBe(clips);
    expect(new Set(perClip.values())).toEqual(new Set([framesPerClip]));
    expect(started.output).toMatch(/clip-010b\.mp4 must be a video, but is a text file/);

    const decoders = Math.max(...samples.map((sample) => sample.decoders));
    const inPart = (from: number, to: number) =>
      median(samples.filter(({ done }) => done >= from && done < to && done > 0).map(({ resident }) => resident));
    const [early, late] = [inPart(clips / 5, (2 * clips) / 5), inPart((4 * clips) / 5, clips)];
    console.log(
      `${clips} clips in ${seconds.toFixed(0)} s, the first result after ${firstSeconds?.toFixed(1)} s; at most ${decoders} decoders; ` +
        `resident ${mebibytes(early).toFixed(0)} MiB in the second fifth, ${mebibytes(late).toFixed(0)} MiB in the last`,
    );
    // One that is started while another is reaped.
    expect(decoders).toBeLessThanOrEqual(Math.max(2, cores) + 1);
    expect(mebibytes(late - early)).toBeLessThan(40);
    // A look at each of 300 files takes half a minute, or several.
    expect(firstSeconds).toBeLessThan(Math.max(10, seconds / 4));
  });
});
