import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

// What `npm test` has just compiled: the program as it is installed.
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const demo = fileURLToPath(new URL('../../samples/demo.mp4', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'edge-cls-view-'));
const cats = 'cat=tabby,tiger cat,Egyptian cat,Persian cat,Siamese cat';

/** The same cat, of 320 lines, at three places of a grey scene. */
beforeAll(() => {
  for (const [place, x] of Object.entries({ left: 0, middle: 480, right: 960 })) {
    const scene = `crop=ih:ih,scale=320:320,setsar=1,pad=1280:720:${x}:200:gray`;
    const input = ['-v', 'error', '-ss', '3', '-i', demo, '-frames:v', '1'];
    execFileSync('ffmpeg', [...input, '-vf', scene, '-c:v', 'ffv1', join(folder, `${place}.mkv`)]);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function seen(place: string, ...options: string[]): Promise<{ cat: number; log: string }> {
  const args = ['--device', 'cpu', '--every-frame', '--events', '-', '--group', cats, ...options];
  const { stdout, stderr } = await execa('node', [main, 'run', join(folder, `${place}.mkv`), ...args]);
  const [line = ''] = stdout.split('\n');
  const { labels } = JSON.parse(line) as { labels: { label: string; probability: number }[] };
  const cat = labels.filter(({ label }) => cats.includes(label)).reduce((sum, { probability }) => sum + probability, 0);
  return { cat, log: stderr };
}

test('with --view whole a cat at the edge is seen about as well as one in the middle, and a region as it is named', async () => {
  const middle = await seen('middle', '--view', 'whole');
  expect(middle.cat).toBeGreaterThan(0.2);
  expect(middle.log).toContain('looks at all of 1280x720');
  expect((await seen('left', '--view', 'whole')).cat).toBeGreaterThan(middle.cat / 2);
  expect((await seen('right', '--view', 'whole')).cat).toBeGreaterThan(middle.cat / 2);
  const region = await seen('left', '--region', '0,200,400,320');
  expect(region.cat).toBeGreaterThan(0.5);
  expect(region.log).toContain('looks at 400x320 at 0,200 of 1280x720');
});

test('by default the same cat is seen at the left, in the middle and at the right', async () => {
  for (const place of ['left', 'middle', 'right']) {
    const { cat, log } = await seen(place);
    expect(cat, place).toBeGreaterThan(0.3);
    expect(log).toContain('looks at all of 1280x720, in 2 parts of 720x720');
  }
});

test('--view centre sees as in training, and says so', async () => {
  const { cat, log } = await seen('left', '--view', 'centre');
  expect(cat).toBeLessThan(0.1);
  expect(log).toContain('looks at the middle 630x630 of 1280x720');
});
