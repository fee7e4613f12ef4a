import { describe, expect, test } from 'vitest';
import { heifFault, heifKind } from '../../../src/video/picture/heif.ts';

const box = (type: string, content: Buffer | string = '') => {
  const body = Buffer.from(content as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(8 + body.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body]);
};
const picture = (brand: string, properties: string, pixels = '') =>
  Buffer.concat([
    box('ftyp', `${brand}\0\0\0\0mif1`),
    box('free'),
    box('meta', Buffer.concat([box('pitm'), box('iprp', properties)])),
    box('mdat', pixels),
  ]);

describe('heifFault', () => {
  test.each([
    ['heic', 'grid', 'is HEIC that is made of tiles, which is not read; convert it to JPEG or PNG'],
    ['heic', 'irot', 'is HEIC that is turned, which is not read; convert it to JPEG or PNG'],
    ['mif1', 'imir', 'is HEIC that is mirrored, which is not read; convert it to JPEG or PNG'],
    ['avif', 'clap', 'is AVIF that is cropped, which is not read; convert it to JPEG or PNG'],
  ])('of %s with %s', (brand, type, reason) => {
    expect(heifFault(picture(brand, `hvcC ispe ${type}`))).toBe(reason);
  });

  test('is none where only the pixels spell the name of a box', () => {
    expect(heifFault(picture('avif', 'av1C ispe', 'irot'))).toBeUndefined();
  });

  test('is none of what is cut off, or no picture: others tell', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('\0\0\0\0ftypheic', 'latin1'), box('ftyp', 'isom')]) {
      expect(heifFault(bytes)).toBeUndefined();
    }
  });
});

test('several pictures in one are a video', () => {
  expect(['heic', 'avif', 'avis', 'msf1', 'isom'].map((brand) => heifKind(picture(brand, '')))).toEqual([
    'HEIC',
    'AVIF',
    undefined,
    undefined,
    undefined,
  ]);
});
