/** Wall-clock times of frames: what a recording says, when a live one came, else none. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseSourceInfo } from '../../../src/video/source/source-info.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { partedSource } from '../../../src/video/source/parted-source.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg as make, makePicture, makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
const plain = makeVideo(at('plain.mp4'));

const dated = (name: string, time: string) => {
  make('-i', plain, '-c', 'copy', '-metadata', `creation_time=${time}`, at(name));
  return at(name);
};
const createdAt = async (path: string) => (await probe(parseSource(path), ffmpeg)).createdAt;

test.each([
  ['a.mp4', '2024-05-06T07:08:09Z', '2024-05-06T07:08:09.000Z'],
  ['a.mov', '2024-05-06T09:08:09+02:00', '2024-05-06T07:08:09.000Z'],
  ['a.mkv', '2024-05-06T07:08:09.25Z', '2024-05-06T07:08:09.250Z'],
])('%s of %s', async (name, time, expected) => {
  expect(await createdAt(dated(name, time))).toBe(Date.parse(expected));
});

test.each([
  ['unset.mp4', '1904-01-01T00:00:00Z'],
  ['unset.mov', '1970-01-01T00:00:30Z'],
  ['unset.mkv', '1970-01-01T00:00:00Z'],
  ['none.ts', '2024-05-06T07:08:09Z'],
])('none: %s of %s', async (name, time) => {
  expect(await createdAt(dated(name, time))).toBeUndefined();
});

test('none where the zone is not said, or a title speaks of it', () => {
  const first = { presentationSeconds: 0, native: { width: 2, height: 2 }, sampleAspectRatio: 1, pixelFormat: 'gray' };
  const log = (line: string) =>
    `Input #0, avi, from 'x':\n  Metadata:\n    ${line}\n  Duration: 00:00:01.00\n  Stream #0:0: Video: h264, 25 fps\nStream mapping:\n  Stream #0:0 -> #0:0 (h264)\n`;
  const created = (line: string) => parseSourceInfo(log(line), first)?.createdAt;
  expect(created('creation_time   : 2024-05-06T07:08:09.000000Z')).toBe(Date.UTC(2024, 4, 6, 7, 8, 9));
  expect(created('creation_time   : 2024-05-06 07:08:09')).toBeUndefined();
  expect(created('creation_time   : 2024-15-06T07:08:09Z')).toBeUndefined();
  expect(created('title           : creation_time   : 2024-05-06T07:08:09.000000Z')).toBeUndefined();
});

test('frames of a recording are as old as it says, also of a part of it', async () => {
  const path = dated('dated.mp4', '2024-05-06T07:08:09Z');
  const spec = partedSource(parseSource(path), { startSeconds: 1.25, durationSeconds: 0.3 });
  const { frames } = await readAll(path, { spec });
  expect(frames.map(({ takenAt = NaN }) => new Date(takenAt).toISOString())).toEqual([
    '2024-05-06T07:08:10.300Z',
    '2024-05-06T07:08:10.400Z',
    '2024-05-06T07:08:10.500Z',
  ]);
  expect((await readAll(plain)).frames[3]).not.toHaveProperty('takenAt');
  const picture = makePicture(at('a.png'), '32x32', '0x808080');
  expect((await readAll(picture)).frames[0]).not.toHaveProperty('takenAt');
});

test('frames that are live are taken when they come', async () => {
  const path = dated('live.mp4', '2024-05-06T07:08:09Z');
  const spec = { ...parseSource(path), live: true } as never;
  const clock = { now: () => performance.now(), date: () => new Date('2030-01-02T03:04:05.678Z') };
  const { frames } = await readAll(path, { spec, clock });
  expect(new Set(frames.map(({ takenAt }) => takenAt))).toEqual(new Set([Date.parse('2030-01-02T03:04:05.678Z')]));
});
