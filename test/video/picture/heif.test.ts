import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { heifFault, heifKind } from '../../../src/video/picture/heif.ts';
import { temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const faultOf = (bytes: Buffer) => {
  const path = join(directory.path, 'picture');
  writeFileSync(path, bytes);
  return heifFault(path, bytes);
};

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
    expect(faultOf(picture(brand, `hvcC ispe ${type}`))).toBe(reason);
  });

  test.each([
    ['of 32 bits', box('mdat', Buffer.alloc(70_000))],
    ['of 64 bits', Buffer.concat([Buffer.from('\0\0\0\x01mdat\0\0\0\0\0\x01\0\0', 'latin1'), Buffer.alloc(65_520)])],
  ])('where the boxes come behind the pixels, the length %s', (_, pixels) => {
    const [head, boxes] = [box('ftyp', 'avif\0\0\0\0mif1'), box('meta', 'ispe irot')];
    const turned = 'is AVIF that is turned, which is not read; convert it to JPEG or PNG';
    expect(faultOf(Buffer.concat([head, pixels, boxes]))).toBe(turned);
    boxes.writeUInt32BE(0); // to the end
    expect(faultOf(Buffer.concat([head, pixels, boxes]))).toBe(turned);
  });

  test('is none where only the pixels spell the name of a box', () => {
    expect(faultOf(picture('avif', 'av1C ispe', 'irot'))).toBeUndefined();
  });

  test('is none of what is cut off, or no picture: others tell', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('\0\0\0\0ftypheic', 'latin1'), box('ftyp', 'isom')]) {
      expect(faultOf(bytes)).toBeUndefined();
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
