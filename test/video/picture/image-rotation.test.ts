import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { imageRotation } from '../../../src/video/picture/image-rotation.ts';
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
  await pose().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).withMetadata({ orientation }).toFile(path);
  return path;
}

/** G, B, R. */
function planes({ pixels, grid: { width, height } }: Frame): Uint8Array[] {
  return [0, 1, 2].map((plane) => pixels.subarray(plane * width * height, (plane + 1) * width * height));
}

describe('a photograph with an orientation', () => {
  test.each([1, 3, 6, 8])('%i: comes upright, as sharp turns it', async (orientation) => {
    const path = await photograph(`${orientation}.jpg`, orientation);
    const { width, height } = (await probe(parseSource(path), ffmpeg)).display;
    const expected = await sharp(path).rotate().raw().toBuffer({ resolveWithObject: true });
    expect({ width, height }).toEqual({ width: expected.info.width, height: expected.info.height });
    const { frames } = await readAll(path, { grid: { width, height } });
    expect(frames).toHaveLength(1);
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

describe('imageRotation', () => {
  test('says 0 of whatever is no EXIF, and never throws', async () => {
    const real = await pose().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(imageRotation(real)).toBe(90);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(imageRotation(Buffer.from([0xff, 0xd8, 0xff, ...bytes]))).toBe(0);
      }),
    );
    fc.assert(
      fc.property(fc.nat(real.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(real.length), (at, value, end) => {
        const damaged = Buffer.from(real);
        damaged[at] = value;
        expect([0, 90, 180, 270]).toContain(imageRotation(damaged.subarray(0, end)));
      }),
    );
  });
});
