import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expandFolders } from '../../../src/video/source/expand-folders.ts';
import { isVideoFile } from '../../../src/video/source/video-file.ts';
import { temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);

function fill(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), 'x');
  }
}

const names = (folder: string, options = {}) =>
  expandFolders([at(folder)], options).sources.map(({ source }) => source.replace(`${directory.path}/`, ''));

describe('a folder', () => {
  fill('mixed/b.mp4', 'mixed/a.MKV', 'mixed/p.jpg', 'mixed/notes.txt', 'mixed/.hidden.mp4', 'mixed/deep/c.webm');
  fill('mixed/deep/.git/d.mp4', 'mixed/main.ts', 'deep/1/x.mp4', 'deep/2/x.mp4', 'pictures/a.jpg', 'none/notes.txt');
  symlinkSync(at('mixed'), at('mixed/deep/again'));

  test('is its pictures together, and each of its videos in the order of their names', () => {
    expect(names('mixed')).toEqual(['mixed', 'mixed/a.MKV', 'mixed/b.mp4']);
    expect(expandFolders([at('mixed')], { recursiveOption: '--recursive' }).notices).toEqual([
      `of the folder ${at('mixed')} are passed over: 1 video in sub-folders (--recursive takes them), 2 files that are neither video nor picture`,
    ]);
  });

  test('with its sub-folders where that is asked for', () => {
    expect(names('mixed', { recursive: true })).toEqual(['mixed', 'mixed/a.MKV', 'mixed/b.mp4', 'mixed/deep/c.webm']);
    expect(names('deep', { recursive: true })).toEqual(['deep/1/x.mp4', 'deep/2/x.mp4']);
    expect(() => names('deep', { recursiveOption: '--recursive' })).toThrow(
      /must hold videos or pictures, but there are only 2 videos in sub-folders \(--recursive takes them\)$/,
    );
  });

  test('of pictures stays as it is, as does what is no folder', () => {
    expect(names('pictures')).toEqual(['pictures']);
    expect(names('none')).toEqual(['none']);
    const sources = ['rtsp://cam/1', 'nowhere', '', at('mixed/b.mp4')];
    expect(expandFolders(sources)).toEqual({
      sources: sources.map((source) => ({ source, isPath: source === at('mixed/b.mp4') })),
      notices: [],
    });
  });
});

describe('a video is known', () => {
  const packet = Buffer.alloc(188);
  packet[0] = 0x47;
  test.each<[string, string | Buffer, boolean]>([
    ['x.mp4', '', true],
    ['x.ts', 'const answer = 42;', false],
    ['x.ts', Buffer.concat([packet, packet]), true],
    ['x.m2ts', '', true],
    ['x', Buffer.from('\0\0\0\x20ftypisom'), true],
    ['x.dat', Buffer.from('\x1aE\xdf\xa3....matroska', 'latin1'), true],
    ['x.bin', 'RIFF....AVI LIST', true],
    ['x.heic', Buffer.from('\0\0\0\x20ftypheic'), false],
    ['x.m4a', Buffer.from('\0\0\0\x20ftypisom'), false],
    ['x.wav', 'RIFF....WAVEfmt ', false],
    ['x.txt', 'ftyp', false],
    ['empty', '', false],
  ])('%s: %j', (name, bytes, expected) => {
    mkdirSync(at('known'), { recursive: true });
    writeFileSync(at(`known/${name}`), bytes);
    expect(isVideoFile(at(`known/${name}`))).toBe(expected);
  });
});
