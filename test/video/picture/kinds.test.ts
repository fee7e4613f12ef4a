import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { ffmpeg as run, temporaryDirectory } from '../../support/videos.ts';
import { planeMeans, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
/** 40×30 pixels of one colour, as libavif writes them. */
const avif = Buffer.from(
  [
    'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA',
    'AAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAALgAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEA',
    'AGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAKAAAAB4AAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwA',
    'AAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAANm1kYXQSAAoJGBUn60QENBoQMh8Xh4eGIYSSSSZB',
    'AADcq1FwFsEgjpmrncErkvg7TQBA',
  ].join(''),
  'base64',
);
const plain = () => sharp({ create: { width: 40, height: 30, channels: 3, background: { r: 200, g: 30, b: 60 } } });

test('in a folder each picture is read, or named with what it is', async () => {
  mkdirSync(at('all'));
  await plain().tiff({ compression: 'lzw' }).withMetadata({ orientation: 6 }).toFile(at('all/a.tif'));
  writeFileSync(at('all/b.jfif'), await plain().jpeg().toBuffer());
  writeFileSync(at('all/c.avif'), avif);
  writeFileSync(at('all/g.avif'), await plain().ensureAlpha(0.5).avif().toBuffer());
  writeFileSync(at('all/d.heic'), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
  writeFileSync(at('all/e.jxl'), Buffer.from('\xff\x0a and more', 'latin1'));
  run('-f', 'lavfi', '-i', 'testsrc2=s=40x30:r=5:d=1', '-c:v', 'libwebp_anim', at('all/f.webp'));
  const { frames, exit } = await readAll(at('all'));
  const sizes = frames.map(({ source = '', native }) => [basename(source), native.width, native.height]);
  expect(sizes.sort()).toEqual([
    ['a.tif', 30, 40],
    ['b.jfif', 40, 30],
    ['c.avif', 40, 30],
  ]);
  for (const frame of frames) expect(planeMeans(frame)).toBeAllClose([30, 60, 200], { atol: 6 });
  const named = Object.fromEntries(exit.unreadable.map(({ path, reason }) => [basename(path), reason]));
  expect(Object.keys(named).sort()).toEqual(['d.heic', 'e.jxl', 'f.webp', 'g.avif']);
  expect(named['d.heic']).toMatch(/^is damaged, or HEIC that this ffmpeg cannot decode/);
  expect(named['g.avif']).toBe(
    'is AVIF that is transparent, or has a depth map, which is not read; convert it to JPEG or PNG',
  );
  expect(named['e.jxl']).toMatch(/^is JPEG XL/);
  expect(named['f.webp']).toMatch(/^is an animated WebP/);
});

test('HEIC alone is named, not taken for a video that is cut off', async () => {
  writeFileSync(at('alone.heic'), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
  await expect(readAll(at('alone.heic'))).rejects.toThrow(
    /alone\.heic gives no frames: it is damaged, or HEIC that this ffmpeg cannot decode; convert it/,
  );
});

test.each(['film.gif', 'film.png', 'film.apng'])('%s: all its frames', async (name) => {
  const format = name.endsWith('gif') ? 'gif' : 'apng';
  run('-f', 'lavfi', '-i', 'testsrc2=s=40x30:r=5:d=1', '-f', format, at(name));
  const { frames } = await readAll(at(name));
  expect(frames.map((frame) => Math.round(5 * frame.presentationSeconds))).toEqual([0, 1, 2, 3, 4]);
});
