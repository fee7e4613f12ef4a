import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { ffmpeg, makeVideo, temporaryDirectory } from '../support/videos.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const directory = temporaryDirectory();
afterAll(directory.remove);
const video = makeVideo(join(directory.path, 'clip.mp4'), { seconds: 1 });
ffmpeg('-i', video, '-c', 'copy', join(directory.path, 'clip.ts'));
const edgeCls = `"${process.execPath}" "${main}" run --json --device cpu`;

/** A shell is what users have pipes from. */
const shell = (command: string) =>
  execa('bash', ['-c', command], { cwd: directory.path, reject: false, timeout: 60_000 });

describe('edge-cls run on a pipe', () => {
  test.each([
    `cat clip.ts | ${edgeCls} -`,
    `cat clip.ts | ${edgeCls} /dev/stdin`,
    `${edgeCls} - < clip.mp4`,
    `${edgeCls} <(cat clip.ts)`,
    `mkfifo pipe; cat clip.ts > pipe & ${edgeCls} pipe`,
  ])('%s', async (command) => {
    const { exitCode, stdout } = await shell(command);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ streams: [{ frames: { received: 10, classified: 10 } }] });
  });

  test.each([
    ['an index at the end', `cat clip.mp4 | ${edgeCls} -`, /index \(moov\) at the end/],
    ['an empty one', `true | ${edgeCls} -`, /standard input is empty: 0 bytes/],
    ['none', `${edgeCls} - < /dev/null`, /standard input must be a pipe or a file with a video/],
    ['a closed one', `${edgeCls} - <&-`, /standard input must be a pipe or a file with a video/],
    ['one for two', `cat clip.ts | ${edgeCls} - /dev/stdin`, /can be read once/],
  ])('%s is refused in a sentence', async (_, command, words) => {
    const { exitCode, stderr } = await shell(command);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(words);
  });

  test('a silent one ends at Ctrl-C', async () => {
    const child = spawn(process.execPath, [main, 'run', '--device', 'cpu', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    setTimeout(() => child.kill('SIGINT'), 2500);
    expect(await ended).toBe(0);
  });
});
