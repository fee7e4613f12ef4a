import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { ffmpeg as run, temporaryDirectory } from '../../support/videos.ts';
import { planeMeans, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

/** From the left: opaque green; half of it; nothing, with red under it. */
const width = 48;
const rgba = Buffer.alloc(4 * width * 16);
for (let i = 0; i < width * 16; i++) {
  const third = Math.floor(((i % width) * 3) / width);
  rgba.set(
    [
      [0, 200, 0, 255],
      [0, 200, 0, 128],
      [255, 0, 0, 0],
    ][third]!,
    4 * i,
  );
}
const picture = () => sharp(rgba, { raw: { width, height: 16, channels: 4 } });
await picture().png().toFile(at('source.png'));
const video = ['-loop', '1', '-framerate', '5', '-t', '0.6', '-i', at('source.png'), '-frames:v', '3'];

const kinds = [
  ['PNG', 'a.png', () => picture().png().toFile(at('a.png'))],
  ['PNG with a palette', 'p.png', () => picture().png({ palette: true }).toFile(at('p.png'))],
  ['WebP', 'a.webp', () => picture().webp({ quality: 100 }).toFile(at('a.webp'))],
  ['WebP, lossless', 'l.webp', () => picture().webp({ lossless: true, exact: true }).toFile(at('l.webp'))],
  ['ProRes 4444', 'a.mov', () => run(...video, '-c:v', 'prores_ks', '-pix_fmt', 'yuva444p10le', at('a.mov'))],
  [
    'VP9',
    'a.webm',
    () => run(...video, '-c:v', 'libvpx-vp9', '-crf', '5', '-b:v', '0', '-pix_fmt', 'yuva420p', at('a.webm')),
  ],
  [
    'VP8',
    'b.webm',
    () => run(...video, '-c:v', 'libvpx', '-auto-alt-ref', '0', '-b:v', '2M', '-pix_fmt', 'yuva420p', at('b.webm')),
  ],
  ['FFV1', 'a.mkv', () => run(...video, '-c:v', 'ffv1', '-pix_fmt', 'bgra', at('a.mkv'))],
] as const;

describe.each(kinds)('%s', (_, name, make) => {
  test('is seen over grey where it is transparent', async () => {
    await make();
    // Away from the edges between the thirds, which are smooth in 4:2:0.
    for (const [x, expected] of [
      [4, [200, 0, 0]],
      [20, [164, 64, 64]],
      [36, [128, 128, 128]],
    ] as const) {
      const { frames } = await readAll(at(name), {
        crop: { x, y: 4, width: 8, height: 8 },
        grid: { width: 2, height: 2 },
      });
      expect(frames).toHaveLength(name.endsWith('.png') || name.endsWith('.webp') ? 1 : 3);
      expect(planeMeans(frames[0]!)).toBeAllClose(expected, { atol: 12 });
    }
  });
});

test('a GIF is a video, its transparent colour grey', async () => {
  run(...video, '-filter_complex', 'split[a][b];[a]palettegen[p];[b][p]paletteuse', at('a.gif'));
  const { frames } = await readAll(at('a.gif'), {
    crop: { x: 36, y: 4, width: 8, height: 8 },
    grid: { width: 2, height: 2 },
  });
  expect(frames.length).toBeGreaterThan(0);
  expect(planeMeans(frames[0]!)).toBeAllClose([128, 128, 128], { atol: 4 });
});

test('what is opaque stays as it is, to the bit', async () => {
  run('-f', 'lavfi', '-i', 'testsrc2=s=64x48', '-frames:v', '1', '-pix_fmt', 'rgb24', at('opaque.png'));
  run('-i', at('opaque.png'), '-pix_fmt', 'rgba', at('with-alpha.png'));
  const [plain, alpha] = await Promise.all(['opaque.png', 'with-alpha.png'].map((name) => readAll(at(name))));
  expect(alpha!.frames[0]!.pixels).toEqual(plain!.frames[0]!.pixels);
});
