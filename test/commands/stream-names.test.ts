import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/load.ts';
import { streamNames } from '../../src/commands/stream-names.ts';

describe('names of streams', () => {
  test.each<[string, string[], string[]]>([
    ['are those of the files', ['/a/x.mp4', 'b/y z.mkv'], ['x.mp4', 'y-z.mkv']],
    [
      'take the folder where files are called alike',
      ['/n/x.mp4', '/y.mp4', '/s/x.mp4'],
      ['n-x.mp4', 'y.mp4', 's-x.mp4'],
    ],
    ['take as many folders as it needs', ['/n/day/x.mp4', '/s/day/x.mp4'], ['n-day-x.mp4', 's-day-x.mp4']],
    ['do not become like another', ['/a/x.mp4', '/b/x.mp4', '/c/a-x.mp4'], ['a-x.mp4', 'b-x.mp4', 'c-a-x.mp4']],
    ['have a number where one source is named twice', ['/a/x.mp4', '/a/x.mp4'], ['a-x.mp4', 'a-x.mp4-2']],
    ['keep the letters of any script', ['/кошка.mp4', '/собака.mp4', '/猫.mp4'], ['кошка.mp4', 'собака.mp4', '猫.mp4']],
    ['are one spelling of a letter', ['/e\u0301.mp4'], ['é.mp4']],
    ['tell signs apart', ['/😀.mp4', '/🐈.mp4', '/-x%d.mp4'], ['u1f600.mp4', 'u1f408.mp4', 'x-d.mp4']],
    ['have no line breaks and quotes', ['/a\n"b".mp4', '/.hidden', '/'], ['a--b-.mp4', 'hidden', 'stream']],
    ['are a host, never a password', ['rtsp://me:secret@cam/1', 'rtsp://cam:99/x?token=y'], ['cam-1', 'cam-99-x']],
  ])('%s', (_, sources, names) => {
    expect(streamNames(sources)).toEqual(names);
  });

  test('keep beginning and end where they are too long, and are valid whatever files are called', () => {
    const long = (end: string) => `/${'recording-of-the-door-'.repeat(5)}${end}.mp4`;
    const sources = [
      long('0001'),
      long('0002'),
      '/._',
      `/${'𠀀'.repeat(90)}`,
      `/${'語'.repeat(70)}`,
      '/\u0301.mp4',
      '/\ufffd.mp4',
    ];
    const names = streamNames(sources);
    expect(names[0]).toMatch(/^recording.*0001\.mp4$/);
    expect(new Set(names).size).toBe(sources.length);
    const streams = names.map((name) => ({ name, source: 'x' }));
    expect(resolveConfig({ overrides: { streams } }).streams.map(({ name }) => name)).toEqual(names);
  });
});
