import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeVideo } from '../../support/videos.ts';

const root = resolve(import.meta.dirname, '../../..');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'edge-cls-telemetry-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('a run leaves nothing of onnxruntime behind: neither an identifier nor reports that wait to be sent', async () => {
  const video = makeVideo(join(home, 'clip.mp4'), { seconds: 1 });
  const args = ['run', video, '--device', 'cpu', '--json'];
  const program = execa(process.execPath, [join(root, 'dist/main.js'), ...args], {
    cwd: home,
    // Only this: onnxruntime keeps quiet by itself where a variable tells of CI.
    extendEnv: false,
    env: { PATH: process.env['PATH'], HOME: home, ORT_DISABLE_TELEMETRY: '0' },
  });
  const { stdout } = await program;
  expect(stdout).toContain('"classified":');

  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ parentPath, name }) => join(parentPath, name).slice(home.length + 1)).sort()).toEqual([
    '.cache/edge-cls/ffmpeg.json',
    'clip.mp4',
  ]);
  expect(existsSync(`/tmp/mat-debug-${program.pid}.log`)).toBe(false);
});
