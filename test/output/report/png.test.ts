import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { rgbFromUnitPlanes } from '../../../src/output/report/pixels.ts';
import { encodePng } from '../../../src/output/report/png.ts';
import { randomNumbers } from '../../support/front-end.ts';

describe('encodePng', () => {
  it.each([
    [1, 1],
    [7, 3],
    [150, 150],
  ])('should be read back by another decoder as it was: %ix%i', async (width, height) => {
    const random = randomNumbers(width);
    const rgb = Uint8Array.from({ length: 3 * width * height }, () => 256 * random());
    const { data, info } = await sharp(encodePng(rgb, width, height))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width, height, channels: 3 });
    expect([...data]).toEqual([...rgb]);
  });

  it('should refuse pixels that do not fill the picture', () => {
    expect(() => encodePng(new Uint8Array(11), 2, 2)).toThrow(
      'an image of 2x2 must have 12 bytes (above 0), it has 11',
    );
  });
});

describe('pixels', () => {
  it('should bring planes R, G, B of 0 to 1 to bytes and clamp what lies outside', () => {
    expect([...rgbFromUnitPlanes(Float32Array.of(0, 1, 0.5, -3, 0.2, 7))]).toEqual([0, 128, 51, 255, 0, 255]);
  });
});
