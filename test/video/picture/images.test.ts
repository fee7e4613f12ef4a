import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { sharedData } from '../../support/shared.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { open, planeMeans, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

type Format = 'jpeg' | 'png' | 'webp';
const colours = [
  [200, 30, 60],
  [20, 160, 220],
  [90, 200, 40],
] as const;

/** Pictures whose colour tells which they are; returns their names in order. */
async function fill(folder: string, pictures: readonly (readonly [name: string, format: Format, size: number])[]) {
  mkdirSync(at(folder));
  for (const [index, [name, format, size]] of pictures.entries()) {
    const [r, g, b] = colours[index % colours.length]!;
    await sharp({ create: { width: size, height: size + 7, channels: 3, background: { r, g, b } } })
      .toFormat(format, { quality: 95 })
      .toFile(at(`${folder}/${name}`));
  }
  return pictures.map(([name]) => at(`${folder}/${name}`));
}

/** bmp is what sharp cannot write: 24 bits, bottom up, rows padded to four bytes. */
function bmp([r, g, b]: readonly [number, number, number], side: number): Buffer {
  const row = Math.ceil((side * 3) / 4) * 4;
  const file = Buffer.alloc(54 + row * side);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(side, 18);
  file.writeInt32LE(side, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) file.set([b, g, r], 54 + y * row + x * 3);
  return file;
}

describe('a folder', () => {
  test('any mix of formats, sizes and names: every picture is one frame that knows its file', async () => {
    const files = await fill('mixed', [
      ['00 with spaces.jpg', 'jpeg', 60],
      ["01 it's.png", 'png', 33],
      ['02 100%d.jpg', 'jpeg', 200],
      ['03 %06d.webp', 'webp', 90],
      ['04 "quoted" #?.png', 'png', 500],
      ['05 größe 猫.jpeg', 'jpeg', 61],
      ['06 png inside.jpg', 'png', 75],
      ['07 line\nbreak.jpg', 'jpeg', 20],
    ]);
    writeFileSync(at('mixed/08.bmp'), bmp(colours[2], 50));
    const all = [...files, at('mixed/08.bmp')];
    const { frames, error, drops } = await readAll(at('mixed'));
    expect(error).toBeUndefined();
    expect(drops).toEqual([]);
    expect(frames.map((frame) => frame.source).sort()).toEqual([...all].sort());
    for (const frame of frames) {
      const index = all.indexOf(frame.source!);
      const [r, g, b] = colours[index % colours.length]!;
      expect(planeMeans(frame)).toBeAllClose([g, b, r], { atol: 4 });
      expect(frame.presentationSeconds).toBe(index);
      const { width = 50, height = 50 } = index === 8 ? {} : await sharp(frame.source).metadata();
      expect(frame.native).toEqual({ width, height });
    }
  });

  test('what cannot be decoded is named, the others keep their names', async () => {
    await fill('broken', [
      ['0.png', 'png', 40],
      ['1.png', 'png', 41],
      ['2.jpg', 'jpeg', 42],
      ['3.png', 'png', 43],
      ['4.png', 'png', 44],
    ]);
    writeFileSync(at('broken/0.png'), Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(50)]));
    writeFileSync(at('broken/3.png'), Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(50)]));
    writeFileSync(at('broken/2b.jpg'), 'this is no picture');
    const { frames, error, exit, drops } = await readAll(at('broken'));
    expect(error).toBeUndefined();
    expect(frames.map((frame) => [frame.source, frame.native.width])).toEqual([
      [at('broken/1.png'), 41],
      [at('broken/4.png'), 44],
      [at('broken/2.jpg'), 42],
    ]);
    expect(exit.unreadable.map(({ path }) => path).sort()).toEqual([
      at('broken/0.png'),
      at('broken/2b.jpg'),
      at('broken/3.png'),
    ]);
    expect(drops).toEqual(['decode_error', 'decode_error', 'decode_error']);
  });

  test('nothing but broken pictures is an error', async () => {
    mkdirSync(at('hopeless'));
    writeFileSync(at('hopeless/a.jpg'), 'no');
    await expect(open(at('hopeless'))).rejects.toThrow(/hopeless gives no frames/);
  });

  test('the centre share keeps the middle of each, whatever its proportions', async () => {
    mkdirSync(at('framed'));
    for (const [name, width, height] of [
      ['tall', 100, 200],
      ['wide', 300, 100],
    ] as const) {
      // A white square in the middle, with half the short side; the grid must see nothing else.
      const side = Math.min(width, height) / 2;
      const square = await sharp({ create: { width: side, height: side, channels: 3, background: 'white' } })
        .png()
        .toBuffer();
      await sharp({ create: { width, height, channels: 3, background: 'black' } })
        .composite([{ input: square, gravity: 'centre' }])
        .png()
        .toFile(at(`framed/${name}.png`));
    }
    const grid = { width: 20, height: 20 };
    const inside = await readAll(at('framed'), { grid, crop: { centreShare: 0.5 } });
    for (const frame of inside.frames) expect(planeMeans(frame)).toBeAllClose([255, 255, 255], { atol: 1 });
    const whole = await readAll(at('framed'), { grid, crop: { centreShare: 1 } });
    for (const frame of whole.frames) expect(planeMeans(frame)).toBeAllClose([63.75, 63.75, 63.75], { atol: 2 });
  });

  test('closed in the middle: nothing is left in the temporary directory', async () => {
    mkdirSync(at('temporary'));
    vi.stubEnv('TMPDIR', at('temporary'));
    expect(tmpdir()).toBe(at('temporary'));
    await fill(
      'many',
      Array.from({ length: 30 }, (_, index) => [`${index}.png`, 'png', 40] as const),
    );
    const { source } = await open(at('many'));
    await new Promise<void>((resolve) => {
      const subscription = source.frames$.subscribe(() => {
        subscription.unsubscribe();
        resolve();
      });
    });
    expect((await source.exited).reason).toBe('closed');
    expect(readdirSync(at('temporary'))).toEqual([]);
    vi.unstubAllEnvs();
  });

  const photographs = sharedData('cats-dogs/test');
  test.skipIf(photographs === undefined)('1,000 photographs of 620 sizes (needs ../shared/data)', async () => {
    const { frames, exit } = await readAll(photographs!, { grid: { width: 60, height: 60 } });
    expect(exit).toMatchObject({ reason: 'ended', delivered: 1000, decodeErrors: 0 });
    expect(new Set(frames.map((frame) => frame.source)).size).toBe(1000);
    expect(new Set(frames.map(({ native }) => `${native.width}x${native.height}`)).size).toBeGreaterThan(500);
  });
});
