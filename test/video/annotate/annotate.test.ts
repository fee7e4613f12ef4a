import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { annotate } from '../../../src/video/annotate/annotate.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { subtitles } from '../../../src/video/annotate/subtitles.ts';
import { ffmpeg as run, makePicture, rgbFrame, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
const input = at("black '%d.mp4");
run(
  '-f',
  'lavfi',
  '-i',
  'color=black:size=320x180:rate=10:duration=2',
  '-f',
  'lavfi',
  '-i',
  'sine=d=2',
  '-c:v',
  'libx264',
  input,
);

/** Bright pixels are text. */
const bright = (path: string, frame: number) => rgbFrame(path, frame).filter((value) => value > 160).length;

describe.skipIf(!ffmpeg.filters.has('ass'))('annotate (needs an ffmpeg with libass)', () => {
  test('the text is there for as long as it is to be, the sound is kept', async () => {
    const output = at('annotated: 1.mp4');
    const cues = [
      { fromSeconds: 0.5, toSeconds: 1, text: 'tiger cat 38 %' },
      { fromSeconds: 1.5, toSeconds: 1.5, text: 'never seen' },
    ];
    await annotate({ input: parseSource(input), output, cues, ffmpeg });
    expect([2, 7, 12, 17].map((frame) => bright(output, frame) > 100)).toEqual([false, true, false, false]);
    expect(await probe(parseSource(output), ffmpeg)).toMatchObject({
      hasAudio: true,
      durationSeconds: 2,
      native: { width: 320, height: 180 },
    });
  });

  test('braces and backslashes are text, not commands', async () => {
    const output = at('braces.mp4');
    // As a command this would make the text invisible.
    await annotate({
      input: parseSource(input),
      output,
      cues: [{ fromSeconds: 0, toSeconds: 2, text: '{\\alpha&HFF&}cup\\N' }],
      ffmpeg,
    });
    expect(bright(output, 5)).toBeGreaterThan(100);
  });

  test('a failure leaves what was there, and nothing beside it', async () => {
    const output = at('kept.mp4');
    writeFileSync(output, 'old');
    writeFileSync(at('no-video.mp4'), 'text');
    const before = readdirSync(directory.path);
    const spec = { kind: 'file', live: false, path: at('no-video.mp4') } as const;
    await expect(annotate({ input: spec, output, cues: [], ffmpeg })).rejects.toThrow(
      /could not be written \(ffmpeg: /,
    );
    await expect(
      annotate({ input: parseSource(input), output, cues: [], ffmpeg, signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
    expect(readFileSync(output, 'utf8')).toBe('old');
    expect(readdirSync(directory.path)).toEqual(before);
  });
});

test.each([
  ['a camera', { input: parseSource('rtsp://u:geheim@cam/1'), output: at('x.mp4') }, /only a video file/],
  [
    'a picture',
    { input: parseSource(makePicture(at('p.png'), '8x8', 'red')), output: at('x.mp4') },
    /only a video file/,
  ],
  ['itself', { input: parseSource(input), output: input }, /another file than the source/],
  ['no extension', { input: parseSource(input), output: at('x') }, /must have an extension/],
  [
    'no libass',
    { input: parseSource(input), output: at('x.mp4'), ffmpeg: { ...ffmpeg, filters: new Set<string>() } },
    /filter ass \(libass\)/,
  ],
])('refused: %s', async (_, options, message) => {
  await expect(annotate({ cues: [], ffmpeg, ...options })).rejects.toThrow(message);
  expect(existsSync(at('x.mp4'))).toBe(false);
});

test('times are hours, minutes, seconds and hundredths, carried over', () => {
  expect(subtitles([{ fromSeconds: 59.996, toSeconds: 3661.234, text: 'x' }])).toContain(
    'Dialogue: 0,0:01:00.00,1:01:01.23,Default,x\n',
  );
});
