import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { annotatable, annotate } from '../../../src/video/annotate/annotate.ts';
import { decodeArguments } from '../../../src/video/decode/arguments.ts';
import { HardwareWatch } from '../../../src/video/decode/hardware.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg as run, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

/** A quarter of each colour, so that no two poses are alike: red and green above, blue and white below. */
const quarters = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 220],
  [230, 230, 230],
] as const;
const colour = (plane: number) => {
  const [a, b, c, d] = quarters.map((quarter) => quarter[plane]);
  return `if(lt(Y,16),if(lt(X,32),${a},${b}),if(lt(X,32),${c},${d}))`;
};
const source = at('source.mp4');
run(
  ...['-f', 'lavfi', '-i', `color=s=64x32:r=5:d=1,format=gbrp,geq=r='${colour(0)}':g='${colour(1)}':b='${colour(2)}'`],
  ...['-c:v', 'libx264', '-qp', '5', '-pix_fmt', 'yuv444p', source],
);

/** a, b, c, d of the matrix by which (x, y) is shown at (ax + cy, bx + dy), and the quarters as they are shown. */
const poses = [
  ['turned by 90', [0, 1, -1, 0], [2, 0, 3, 1]],
  ['turned by 180', [-1, 0, 0, -1], [3, 2, 1, 0]],
  ['turned by 270', [0, -1, 1, 0], [1, 3, 0, 2]],
  ['mirrored left and right', [-1, 0, 0, 1], [1, 0, 3, 2]],
  ['mirrored up and down', [1, 0, 0, -1], [2, 3, 0, 1]],
  ['mirrored and turned by 90', [0, 1, 1, 0], [0, 2, 1, 3]],
  ['mirrored and turned by 270', [0, -1, -1, 0], [3, 1, 2, 0]],
  ['as it is', [1, 0, 0, 1], [0, 1, 2, 3]],
] as const;

/** The container's matrix, in its track header, is written over. */
function posed(name: string, [a, b, c, d]: readonly [number, number, number, number]): string {
  const file = readFileSync(source);
  const matrix = file.indexOf('tkhd') + 4 + 40;
  for (const [i, value] of [a, b, 0, c, d, 0].entries()) file.writeInt32BE(65_536 * value, matrix + 4 * i);
  writeFileSync(at(name), file);
  return at(name);
}

/** Mean R, G, B of each quarter of a picture of two by two. */
async function shown(path: string) {
  const { frames } = await readAll(path, { grid: { width: 2, height: 2 } });
  expect(frames).toHaveLength(5);
  return frames.flatMap(({ pixels }) =>
    [0, 1, 2, 3].map((i) => [pixels[8 + i] ?? 0, pixels[i] ?? 0, pixels[4 + i] ?? 0]),
  );
}

describe.each(poses)('a video %s', (name, matrix, order) => {
  const path = posed(`${name}.mp4`, matrix);
  const expected = Array.from({ length: 5 }, () => order.map((i) => [...quarters[i]])).flat(2);

  test('comes upright', async () => {
    expect((await shown(path)).flat()).toBeAllClose(expected, { atol: 20 });
    const { display, native } = await probe(parseSource(path), ffmpeg);
    expect(display).toEqual(matrix[0] === 0 ? { width: 32, height: 64 } : { width: 64, height: 32 });
    expect(native).toEqual(display);
  });

  test('the annotated copy shows the same', async () => {
    const output = at(`${name}-annotated.mkv`);
    await annotate(await annotatable({ input: parseSource(path), output, ffmpeg }), { cues: [] });
    expect((await shown(output)).flat()).toBeAllClose(expected, { atol: 30 });
  });

  test('a region is of the upright picture', async () => {
    const { width, height } = (await probe(parseSource(path), ffmpeg)).display;
    const crop = { x: width / 2, y: 0, width: width / 2, height: height / 2 };
    const { frames } = await readAll(path, { grid: { width: 1, height: 1 }, crop });
    const [g = 0, b = 0, r = 0] = frames[0]?.pixels ?? [];
    expect([r, g, b]).toBeAllClose(quarters[order[1]], { atol: 12 });
  });
});

test('what is decoded by a device is fetched by ffmpeg, which cannot turn it there', async () => {
  const spec = parseSource(posed('device.mp4', [0, 1, -1, 0]));
  const info = await probe(spec, ffmpeg);
  const grid = { width: 8, height: 8 };
  const line = decodeArguments({ spec, info, grid, hardware: 'vaapi', ffmpegVersion: [5, 1] }).join(' ');
  expect(line).toMatch(/-hwaccel vaapi -threads 1/);
  expect(line).not.toMatch(/hwdownload|output_format|noautorotate/);
  const watch = new HardwareWatch('vaapi');
  expect(watch.report()).toMatchObject({ hardware: 'vaapi' });
  watch.line('[h264 @ 0x1] [verbose] Failed setup for format vaapi: hwaccel initialisation returned error.');
  expect(watch.report()).toMatchObject({ hardware: 'none' });
});

/** Degrees counterclockwise, mirror, and the quarters as they are shown. */
const messages = [
  [90, '', [1, 3, 0, 2]],
  [180, '', [3, 2, 1, 0]],
  [270, '', [2, 0, 3, 1]],
  [0, 'horizontal', [1, 0, 3, 2]],
  [0, 'vertical', [2, 3, 0, 1]],
  [90, 'horizontal', [0, 2, 1, 3]],
  [90, 'vertical', [3, 1, 2, 0]],
] as const;

describe('a stream that itself says how it is turned, once for all its frames', () => {
  test.each(messages)('H.264: %i degrees, mirror: %s', async (angle, mirror, order) => {
    const path = at(`message-${angle}${mirror}.mp4`);
    const flip = mirror === '' ? '' : `:flip=${mirror}`;
    run('-i', source, '-c', 'copy', '-bsf:v', `h264_metadata=display_orientation=insert:rotate=${angle}${flip}`, path);
    const expected = Array.from({ length: 5 }, () => order.map((i) => [...quarters[i]])).flat(2);
    expect((await shown(path)).flat()).toBeAllClose(expected, { atol: 20 });
    const input = parseSource(path);
    const output = at(`message-${angle}${mirror}-annotated.mkv`);
    const info = await probe(input, ffmpeg);
    await annotate(await annotatable({ input, output, ffmpeg }), { cues: [], info });
    expect((await shown(output)).flat(), 'the annotated copy shows the same').toBeAllClose(expected, { atol: 30 });
  });
});
