import { extname, join } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { imageOrientation } from '../../../src/video/picture/image-orientation.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import type { Frame } from '../../../src/domain/frame.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);

/** Left red, right blue, the top brighter: no two of its eight poses are alike. */
function pose(): Sharp {
  const [width, height] = [64, 32];
  const data = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data.set([x < 32 ? 200 : 20, y < 16 ? 180 : 40, x < 32 ? 20 : 200], 3 * (y * width + x));
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** As a camera stores it that was held in this way. */
async function photograph(name: string, orientation: number): Promise<string> {
  const path = join(directory.path, name);
  const formats = {
    '.jpg': () => pose().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
    '.png': () => pose().png(),
    '.webp': () => pose().webp({ lossless: true }),
  };
  const format = formats[extname(name) as keyof typeof formats];
  await format().withMetadata({ orientation }).toFile(path);
  return path;
}

const every = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const kinds = ['.jpg', '.png', '.webp'].flatMap((extension) => every.map((n) => [n, extension] as const));

/** G, B, R. */
function planes({ pixels, grid: { width, height } }: Frame): Uint8Array[] {
  return [0, 1, 2].map((plane) => pixels.subarray(plane * width * height, (plane + 1) * width * height));
}

describe('a photograph with an orientation', () => {
  test.each(kinds)('%i, %s: comes upright, as sharp turns it', async (orientation, extension) => {
    const path = await photograph(`${orientation}${extension}`, orientation);
    const { display, native } = await probe(parseSource(path), ffmpeg);
    const { width, height } = display;
    const expected = await sharp(path).rotate().raw().toBuffer({ resolveWithObject: true });
    expect({ width, height }).toEqual({ width: expected.info.width, height: expected.info.height });
    const { frames } = await readAll(path, { grid: { width, height } });
    expect(frames).toHaveLength(1);
    expect(frames[0]!.native).toEqual(native);
    const [g, b, r] = planes(frames[0]!);
    const interleaved = Array.from(r!, (red, i) => [red, g![i]!, b![i]!]).flat();
    const off = interleaved.map((value, i) => Math.abs(value - expected.data[i]!));
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(4);
  });

  test('in a folder of others each is turned by its own', async () => {
    mkdirSync(join(directory.path, 'mixed'));
    for (const [i, orientation] of [6, 1, 8, 6].entries()) await photograph(`mixed/${i}.jpg`, orientation);
    const { frames } = await readAll(join(directory.path, 'mixed'), { grid: { width: 8, height: 8 } });
    const redSide = frames
      .toSorted((a, b) => a.presentationSeconds - b.presentationSeconds)
      .map((frame) => {
        const red = planes(frame)[2]!;
        return ['top', 'left', 'bottom', 'right'].find(
          (_, i) => red[[4, 32, 60, 39][i]!]! > 120 && red[[60, 39, 4, 32][i]!]! < 120,
        );
      });
    expect(redSide).toEqual(['top', 'left', 'bottom', 'top']);
  });
});

describe('imageOrientation', () => {
  test('a PNG may say it behind its pixels', async () => {
    const path = await photograph('behind.png', 6);
    const png = await sharp(path).withMetadata({ orientation: 6 }).png().toBuffer();
    const at = png.indexOf('eXIf') - 4;
    const chunk = png.subarray(at, at + 12 + png.readUInt32BE(at));
    const end = png.indexOf('IEND') - 4;
    const moved = [png.subarray(0, at), png.subarray(at + chunk.length, end), chunk, png.subarray(end)];
    writeFileSync(path, Buffer.concat(moved));
    expect(imageOrientation(path, png, 'png')).toBe(6);
  });

  test('says 1 of whatever is no EXIF, and never throws', async () => {
    const real = await pose().jpeg().withMetadata({ orientation: 7 }).toBuffer();
    const ofJpeg = (head: Buffer) => imageOrientation('', head, 'mjpeg');
    expect(ofJpeg(real)).toBe(7);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(ofJpeg(Buffer.from([0xff, 0xd8, 0xff, ...bytes]))).toBe(1);
      }),
    );
    fc.assert(
      fc.property(fc.nat(real.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(real.length), (at, value, end) => {
        const damaged = Buffer.from(real);
        damaged[at] = value;
        expect(every).toContain(ofJpeg(damaged.subarray(0, end)));
      }),
    );
  });
});
