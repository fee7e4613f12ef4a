import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/domain/errors.ts';
import { describeSource, parseSource } from '../../../src/video/source/source-spec.ts';
import { makePicture, temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

describe('parseSource', () => {
  test.each(['rtsp://cam/1', 'rtsps://u:p%21@cam:322/1', 'RTSP://u:a@b#c@[::1]/1'])('%s is live', (text) => {
    expect(parseSource(text)).toEqual({ kind: 'rtsp', live: true, url: text });
  });

  test.each(['http://cam/live.m3u8', 'https://cam/x?password=y'])('%s is live', (text) => {
    expect(parseSource(text)).toEqual({ kind: 'http', live: true, url: text });
  });

  test('a file, by path and by address', () => {
    writeFileSync(at('a b.mp4'), 'x');
    const spec = { kind: 'file', live: false, path: at('a b.mp4') };
    expect(parseSource(at('a b.mp4'))).toEqual(spec);
    expect(parseSource(`file://${at('a%20b.mp4')}`)).toEqual(spec);
  });

  test('a picture is known by its bytes, not by its name', () => {
    makePicture(at('real.png'), '8x8', 'red');
    copyFileSync(at('real.png'), at('named.mp4'));
    expect(parseSource(at('named.mp4'))).toMatchObject({ kind: 'image', files: [at('named.mp4')] });
  });

  test('a folder: pictures at any depth in the order of their names, nothing else and nothing hidden', () => {
    mkdirSync(at('folder/dogs'), { recursive: true });
    mkdirSync(at('folder/.thumbnails'));
    symlinkSync(at('folder'), at('folder/dogs/again'));
    for (const name of [
      'folder/.thumbnails/b.jpg',
      'folder/._b.JPG',
      'folder/b.JPG',
      'folder/a.png',
      'folder/dogs/c.webp',
      'folder/notes.txt',
    ])
      writeFileSync(at(name), 'x');
    // Who reads it says that it leads nowhere.
    symlinkSync(at('nowhere'), at('folder/broken.jpg'));
    expect(parseSource(at('folder'))).toMatchObject({
      kind: 'folder',
      live: false,
      files: [at('folder/a.png'), at('folder/b.JPG'), at('folder/broken.jpg'), at('folder/dogs/c.webp')],
    });
  });

  test.each([
    ['', /was empty/],
    ['nowhere.mp4', /nowhere\.mp4 was not found/],
    ['/dev/video99', /device \/dev\/video99 was not found/],
    ['ftp://u:secret@host/x', /kind ftp: ftp:\/\/\*\*\*@host/],
    ['rtsp://', /must name a host/],
    ['rtsp://u:a b@cam/1', /address rtsp:\/\/\*\*\*@cam\/1 must name a host and have no spaces/],
    ['rtsp://u:a"b@cam/1', /address rtsp:\/\/\*\*\*@cam\/1 must .* write them as %20/],
    ['/dev/null', /none of these/],
  ])('%j is refused', (text, message) => {
    expect(() => parseSource(text)).toThrow(UserError);
    expect(() => parseSource(text)).toThrow(message);
  });

  test('an empty file and a folder without pictures are refused', () => {
    writeFileSync(at('empty.mp4'), '');
    mkdirSync(at('none'));
    expect(() => parseSource(at('empty.mp4'))).toThrow(/empty: 0 bytes/);
    expect(() => parseSource(at('none'))).toThrow(/must hold pictures/);
    writeFileSync(at('none/clip.mp4'), 'x');
    expect(() => parseSource(at('none'))).toThrow(/but holds 1 video: name one, such as clip\.mp4/);
    symlinkSync(at('self'), at('self'));
    expect(() => parseSource(at('self'))).toThrow(/it is a link to itself/);
  });
});

test('a source is described without its password', () => {
  expect(describeSource(parseSource('rtsp://u:p%21@cam/1'))).toBe('rtsp://***@cam/1');
});
