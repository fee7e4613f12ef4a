/** A picture that is not all there is not classified as if it were: half of it would be grey. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { sharedData } from '../../support/shared.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { pictureEnd } from '../../../src/video/picture/picture-end.ts';
import { open, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

/** With something in every block, so that each takes bytes. */
function scene(): Sharp {
  const [width, height] = [160, 120];
  const data = Buffer.alloc(3 * width * height);
  for (let i = 0; i < data.length; i++) data[i] = (i * 7919 + (i >> 5) * 104_729) % 251;
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** 24 bits, bottom up. */
async function bmp(): Promise<Buffer> {
  const { data, info } = await scene().raw().toBuffer({ resolveWithObject: true });
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + data.length, 2);
  for (const [offset, value] of [
    [10, 54],
    [14, 40],
    [18, info.width],
    [22, info.height],
  ] as const) {
    header.writeUInt32LE(value, offset);
  }
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, data]);
}

const kinds: Readonly<Record<string, () => Promise<Buffer>>> = {
  'baseline.jpg': () => scene().jpeg({ quality: 80 }).toBuffer(),
  'progressive.jpg': () => scene().jpeg({ quality: 80, progressive: true }).toBuffer(),
  'grey.jpg': () => scene().greyscale().jpeg().toBuffer(),
  'plain.png': () => scene().png().toBuffer(),
  'interlaced.png': () => scene().png({ progressive: true }).toBuffer(),
  'lossy.webp': () => scene().webp({ quality: 70 }).toBuffer(),
  'lossless.webp': () => scene().webp({ lossless: true }).toBuffer(),
  'plain.bmp': bmp,
};

describe.each(Object.entries(kinds))('%s', (name, make) => {
  test('cut off anywhere: it is no frame, and named', async () => {
    const bytes = await make();
    const folder = `cut-${name}`;
    mkdirSync(at(folder));
    const cuts = Array.from({ length: 24 }, (_, i) => Math.floor((bytes.length * (i + 1)) / 25));
    const names = cuts.map((length) => {
      const path = at(`${folder}/${String(length).padStart(7, '0')}-${name}`);
      writeFileSync(path, bytes.subarray(0, length));
      return path;
    });
    writeFileSync(at(`${folder}/whole-${name}`), bytes);
    const { frames, exit, drops, error } = await readAll(at(folder));
    expect(error).toBeUndefined();
    expect(frames.map(({ source }) => source)).toEqual([at(`${folder}/whole-${name}`)]);
    expect(exit.unreadable.map(({ path }) => path).sort()).toEqual(names);
    expect(new Set(exit.unreadable.map(({ reason }) => reason))).toEqual(new Set(['is cut off']));
    expect(drops).toHaveLength(24);
    // Alone it is no source at all.
    await expect(open(names[15]!)).rejects.toThrow(/gives no frames: it is cut off$/);
  });

  test('with padding, text or another file behind it, it is whole', async () => {
    const bytes = await make();
    const folder = `behind-${name}`;
    mkdirSync(at(folder));
    const additions = [
      '\0',
      '\0'.repeat(4000),
      '\r\n',
      ' made by a camera',
      `\xff\xd8${'x'.repeat(99)}`,
      '\xff'.repeat(9),
    ];
    for (const [i, text] of additions.entries()) {
      // ffmpeg takes these for the length of a part, and gives up.
      if (name.endsWith('.webp') && text.startsWith('\xff\xff')) continue;
      writeFileSync(at(`${folder}/${i}-${name}`), Buffer.concat([bytes, Buffer.from(text, 'latin1')]));
    }
    const { frames, exit } = await readAll(at(folder));
    expect(exit.unreadable).toEqual([]);
    expect(frames).toHaveLength(additions.length - (name.endsWith('.webp') ? 1 : 0));
  });
});

describe('a JPEG', () => {
  test('whose end mark alone is missing is classified, as is one with garbage for EXIF', async () => {
    const bytes = await kinds['baseline.jpg']!();
    mkdirSync(at('lenient'));
    writeFileSync(at('lenient/open.jpg'), bytes.subarray(0, -2));
    const exif = Buffer.concat([Buffer.from('ffe1002a', 'hex'), Buffer.from('Exif\0\0MM\0*'), Buffer.alloc(30, 0xee)]);
    writeFileSync(at('lenient/exif.jpg'), Buffer.concat([bytes.subarray(0, 2), exif, bytes.subarray(2)]));
    const { frames, exit } = await readAll(at('lenient'));
    expect(exit.unreadable).toEqual([]);
    expect(frames).toHaveLength(2);
  });

  test('of which the place was taken on the disk but the end never came is cut off', async () => {
    const bytes = await kinds['baseline.jpg']!();
    mkdirSync(at('zeros'));
    writeFileSync(
      at('zeros/a.jpg'),
      Buffer.concat([bytes.subarray(0, bytes.length / 2), Buffer.alloc(bytes.length / 2)]),
    );
    writeFileSync(at('zeros/b.jpg'), bytes);
    const { frames, exit } = await readAll(at('zeros'));
    expect(frames).toHaveLength(1);
    expect(exit.unreadable).toEqual([{ path: at('zeros/a.jpg'), reason: 'is cut off' }]);
  });
});

describe('a folder', () => {
  test.each([9, 40, 300])('whose first %i pictures are broken, in two ways, and one is good', async (broken) => {
    const folder = `first-${broken}`;
    mkdirSync(at(folder));
    const bytes = await kinds['baseline.jpg']!();
    // Whole to the eye of who looks at its ends only: the tables are missing.
    const hollow = Buffer.concat([bytes.subarray(0, 2), Buffer.from('ffd9', 'hex')]);
    for (let i = 0; i < broken; i++) {
      writeFileSync(at(`${folder}/${String(i).padStart(4, '0')}.jpg`), i % 2 === 0 ? 'no picture' : hollow);
    }
    writeFileSync(at(`${folder}/good.jpg`), bytes);
    const { frames, exit, error } = await readAll(at(folder));
    expect(error).toBeUndefined();
    expect(frames.map(({ native }) => native)).toEqual([{ width: 160, height: 120 }]);
    expect(exit.unreadable).toHaveLength(broken);
  });

  test('why each is not read', async () => {
    mkdirSync(at('why'));
    writeFileSync(at('why/empty.jpg'), '');
    writeFileSync(at('why/text.jpg'), 'this is no picture');
    writeFileSync(at('why/closed.jpg'), await kinds['baseline.jpg']!());
    chmodSync(at('why/closed.jpg'), 0);
    symlinkSync(at('nowhere'), at('why/link.jpg'));
    symlinkSync(at('why/self.jpg'), at('why/self.jpg'));
    writeFileSync(Buffer.concat([Buffer.from(`${at('why')}/`), Buffer.from([0xe9]), Buffer.from('.jpg')]), 'x');
    writeFileSync(at('why/good.png'), await kinds['plain.png']!());
    const { frames, exit } = await readAll(at('why'));
    const reasons = Object.fromEntries(exit.unreadable.map(({ path, reason }) => [path.replace(/.*\//, ''), reason]));
    expect(reasons).toEqual({
      'empty.jpg': 'is empty',
      'text.jpg': 'is no picture',
      'link.jpg': 'cannot be opened: it is a link to nothing',
      'self.jpg': 'cannot be opened: it is a link to itself',
      '\ufffd.jpg': 'cannot be opened: its name is no valid UTF-8',
      // Root reads everything.
      ...(process.getuid?.() === 0 ? {} : { 'closed.jpg': 'cannot be opened' }),
    });
    expect(frames.length + exit.unreadable.length).toBe(7);
  });

  test('of nothing but broken pictures is refused, and says of the first what it is', async () => {
    mkdirSync(at('hopeless'));
    for (const name of ['a.jpg', 'b.jpg']) writeFileSync(at(`hopeless/${name}`), '');
    await expect(open(at('hopeless'))).rejects.toThrow(
      /hopeless gives no frames: none of its 2 pictures can be read; the first, a\.jpg, is empty/,
    );
  });

  const photographs = sharedData('cats-dogs/test');
  test.skipIf(photographs === undefined)('1,000 photographs are all whole (needs ../shared/data)', async () => {
    const { exit } = await readAll(photographs!, { grid: { width: 8, height: 8 } });
    expect(exit).toMatchObject({ delivered: 1000, unreadable: [] });
  });
});

test('what cannot be read has no end', () => {
  expect(pictureEnd(at('nowhere.jpg'), 'mjpeg')).toBe('open');
});
