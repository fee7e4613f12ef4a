import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hdrKinds, type Picture, writeHdr } from '../../support/hdr.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { ffmpeg, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

/** Every mixture of five steps of red, green and blue, and a ramp of grey. */
function patches(): Picture {
  const [width, height] = [25, 6];
  const rgb = new Uint8Array(3 * width * height);
  const step = (n: number) => Math.round((255 * (n % 5)) / 4);
  for (let i = 0; i < 125; i++) rgb.set([step(i), step(Math.floor(i / 5)), step(Math.floor(i / 25))], 3 * i);
  for (let i = 125; i < 150; i++) rgb.fill(Math.round((255 * (i - 125)) / 24), 3 * i, 3 * i + 3);
  return { width, height, rgb };
}

const kinds = Object.keys(hdrKinds) as (keyof typeof hdrKinds)[];

describe.each(kinds)('%s', (kind) => {
  const path = at(`${kind}.mkv`);
  const picture = patches();
  const { width, height } = picture;

  test('has the colours of the photograph that it was made from', async () => {
    writeHdr(path, picture, kind);
    const { frames } = await readAll(path, { grid: { width, height } });
    expect(frames.map((frame) => Math.round(5 * frame.presentationSeconds))).toEqual([0, 1, 2]);
    const count = width * height;
    const off = Array.from({ length: count }, (_, i) =>
      [2, 0, 1].map((plane, c) =>
        Math.abs((frames[1]?.pixels[plane * count + i] ?? 0) - (picture.rgb[3 * i + c] ?? 0)),
      ),
    ).flat();
    // A step of ten bits is large in a saturated colour whose third part is near black, where sRGB is steep.
    expect(Math.max(...off)).toBeLessThanOrEqual(12);
    expect(off.reduce((sum, value) => sum + value) / off.length).toBeLessThan(1);
  });

  test('probe tells it', async () => {
    const [transfer, primaries, matrix] = hdrKinds[kind].names;
    const { colours } = await probe(parseSource(path), ffmpeg);
    expect(colours).toEqual({ transfer, primaries, matrix, range: 'tv' });
  });
});

test('a build of ffmpeg without the filters for it is named, and what it lacks', async () => {
  const path = at('refused.mkv');
  writeHdr(path, patches(), 'hlg');
  const filters = new Set([...ffmpeg.filters].filter((name) => name !== 'lutrgb'));
  await expect(probe(parseSource(path), { ...ffmpeg, filters })).rejects.toThrow(
    /refused\.mkv is HDR or of a wide gamut \(arib-std-b67, bt2020\): ffmpeg \S+ must have the filter lutrgb to show it/,
  );
});
