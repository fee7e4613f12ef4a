import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { annotatable, annotate, type AnnotateTarget, type Drawing } from '../../../src/video/annotate/annotate.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { subtitles } from '../../../src/video/annotate/subtitles.ts';
import { writeHdr } from '../../support/hdr.ts';
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

async function drawn(target: AnnotateTarget, drawing: Drawing): Promise<void> {
  await annotate(await annotatable(target), drawing);
}

/** Bright pixels are text. */
const bright = (path: string, frame: number) => rgbFrame(path, frame).filter((value) => value > 160).length;

describe.skipIf(!ffmpeg.filters.has('ass'))('annotate (needs an ffmpeg with libass)', () => {
  test.each(['hlg', 'pq'] as const)('a copy of %s has the colours that were classified, and says so', async (kind) => {
    const [width, height] = [64, 48];
    const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => [200, 90, 40][i % 3]!);
    writeHdr(at(`${kind}.mkv`), { width, height, rgb }, kind);
    const spec = parseSource(at(`${kind}.mkv`));
    const info = await probe(spec, ffmpeg);
    const output = at(`${kind}.mp4`);
    await drawn({ input: spec, output, ffmpeg }, { cues: [], info });
    const copy = rgbFrame(output, 1);
    expect([0, 1, 2].map((c) => Math.abs(copy[c]! - rgb[c]!)).filter((off) => off > 12)).toEqual([]);
    expect((await probe(parseSource(output), ffmpeg)).colours).toEqual({
      transfer: 'bt709',
      primaries: 'bt709',
      matrix: 'bt709',
      range: 'tv',
    });
  });

  test('a copy of what is transparent shows the grey that was classified', async () => {
    const clear = at('clear.mov');
    run('-f', 'lavfi', '-i', 'color=red@0:size=64x48:rate=5:duration=1,format=rgba', '-c:v', 'png', clear);
    const spec = parseSource(clear);
    const output = at('clear.mp4');
    await drawn({ input: spec, output, ffmpeg }, { cues: [], info: await probe(spec, ffmpeg) });
    expect([...rgbFrame(output, 1).subarray(0, 3)].map((value) => Math.abs(value - 128) <= 3)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('the text is there for as long as it is to be, the sound is kept', async () => {
    const output = at('annotated: 1.mp4');
    const cues = [
      { fromSeconds: 0.5, toSeconds: 1, text: 'tiger cat 38 %' },
      { fromSeconds: 1.5, toSeconds: 1.5, text: 'never seen' },
    ];
    await drawn({ input: parseSource(input), output, ffmpeg }, { cues });
    expect([2, 7, 12, 17].map((frame) => bright(output, frame) > 100)).toEqual([false, true, false, false]);
    expect(await probe(parseSource(output), ffmpeg)).toMatchObject({
      hasAudio: true,
      durationSeconds: 2,
      native: { width: 320, height: 180 },
    });
  });

  test.each(['mp4', 'ts'])('a part is copied, to the frame, with its sound (%s)', async (kind) => {
    // The light of a frame says which it is.
    const steps = "nullsrc=s=320x180:r=10:d=3,geq=lum='16+4*N':cb=128:cr=128";
    const whole = at(`steps.${kind}`);
    const late = kind === 'ts' ? ['-output_ts_offset', '50'] : [];
    run('-f', 'lavfi', '-i', steps, '-f', 'lavfi', '-i', 'sine=d=3', '-c:v', 'libx264', '-g', '8', ...late, whole);
    const output = at(`part of ${kind}.mp4`);
    const cues = [{ fromSeconds: 1.5, toSeconds: 1.6, text: 'tiger cat 38 %' }];
    const cut = { entrySeconds: 1, startSeconds: 1.3, durationSeconds: 0.5 };
    await drawn(
      { input: parseSource(whole), output, ffmpeg },
      { cues, cut: kind === 'ts' ? { ...cut, entrySeconds: 0 } : cut },
    );
    const light = (path: string, frame: number) => rgbFrame(path, frame)[0] ?? NaN;
    for (let i = 0; i < 5; i++) {
      expect(Math.abs(light(output, i) - light(whole, 13 + i))).toBeLessThan(2);
      expect(bright(output, i) > 100).toBe(i === 2);
    }
    expect(rgbFrame(output, 5)).toHaveLength(0);
    const info = await probe(parseSource(output), ffmpeg);
    expect(info.hasAudio).toBe(true);
    expect(info.durationSeconds).toBeCloseTo(0.5, 1);
  });

  test('braces and backslashes are text, not commands', async () => {
    const output = at('braces.mp4');
    // As a command this would make the text invisible.
    const cues = [{ fromSeconds: 0, toSeconds: 2, text: '{\\alpha&HFF&}cup\\N' }];
    await drawn({ input: parseSource(input), output, ffmpeg }, { cues });
    expect(bright(output, 5)).toBeGreaterThan(100);
  });

  test('a failure leaves what was there, and nothing beside it', async () => {
    const output = at('kept.mp4');
    writeFileSync(output, 'old');
    writeFileSync(at('no-video.mp4'), 'text');
    const before = readdirSync(directory.path);
    const target = { input: parseSource(input), output, ffmpeg };
    const ready = await annotatable(target);
    const gone = { ...ready, input: { ...ready.input, path: at('no-video.mp4') } as AnnotateTarget['input'] };
    await expect(annotate(gone, { cues: [] })).rejects.toThrow(/could not be written \(ffmpeg: /);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(annotate({ ...ready, signal }, { cues: [] })).rejects.toThrow('enough');
    await expect(annotatable({ ...target, signal })).rejects.toThrow('enough');
    expect(readFileSync(output, 'utf8')).toBe('old');
    expect(readdirSync(directory.path)).toEqual(before);
  });

  test('the source by another way is still the source', async () => {
    symlinkSync(directory.path, at('linked'));
    const output = join(at('linked'), basename(input));
    await expect(annotatable({ input: parseSource(input), output, ffmpeg })).rejects.toThrow(
      /another file than the source/,
    );
  });

  const source = (size: string, ...more: string[]) => ['-f', 'lavfi', '-i', `testsrc=s=${size}:r=5:d=1`, ...more];
  const tone = ['-f', 'lavfi', '-i', 'sine=d=1'];
  const rawVideo = ['-c:v', 'ffv1', '-pix_fmt', 'yuv444p'];
  const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'];

  test.each([
    ['an odd size', 'odd.mkv', source('33x17', ...rawVideo), 'odd.mp4', { width: 34, height: 18 }],
    ['one column', 'thin.mkv', source('1x7', ...rawVideo), 'thin.mp4', { width: 2, height: 8 }],
    ['.webm, with sound in AAC', 'aac.mp4', source('64x48', ...tone, ...h264), 'aac.webm', {}],
    ['PCM into .mp4', 'pcm.mkv', source('64x48', ...tone, ...h264, '-c:a', 'pcm_s16le'), 'pcm.mp4', {}],
    ['PCM into .ts', 'pcm.mkv', source('64x48', ...tone, ...h264, '-c:a', 'pcm_s16le'), 'pcm.ts', {}],
    ['.gif', 'mute.mp4', source('64x48', ...h264), 'mute.gif', {}],
    ['.avi', 'avi.mp4', source('64x48', ...tone, ...h264), 'avi.avi', {}],
  ])('%s is written, with its sound', async (_, name, args, to, native) => {
    run(...args, '-y', at(name));
    await drawn({ input: parseSource(at(name)), output: at(to), ffmpeg }, { cues: [] });
    const found = await probe(parseSource(at(to)), ffmpeg);
    expect(found.hasAudio).toBe(args.includes('sine=d=1'));
    expect(found.native).toMatchObject(native);
  });

  test('sound that is encoded anew, or left out, is told; sound that is kept is not', async () => {
    run(...source('64x48', ...tone, ...h264), '-y', at('told.mp4'));
    const notice = async (output: string) =>
      (await annotatable({ input: parseSource(at('told.mp4')), output: at(output), ffmpeg })).notice;
    expect(await notice('told-copy.mkv')).toBeUndefined();
    expect(await notice('told.webm')).toBe('the sound is encoded anew for told.webm: .webm does not take it as it is');
    expect(await notice('told.gif')).toBe('told.gif gets no sound: .gif does not take any');
  });

  test.each([
    ['no container', 'x.nonsense'],
    ['a container of sound', 'x.mp3'],
  ])('%s is refused before anything is written', async (_, to) => {
    const refused = annotatable({ input: parseSource(input), output: at(to), ffmpeg });
    await expect(refused).rejects.toThrow(/must be of a kind that ffmpeg can write, such as \.mp4/);
    expect(existsSync(at(to))).toBe(false);
  });

  test('a thin frame is drawn around what is looked at, upright and in square pixels', async () => {
    // 64×64 pixels that are twice as wide as high, turned by 90° for display: 32×64.
    run('-f', 'lavfi', '-i', 'color=black:s=64x64:r=5:d=1', '-vf', 'setsar=2', ...h264, '-y', at('flat.mp4'));
    run('-i', at('flat.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=270', '-y', at('turned.mp4'));
    const input = parseSource(at('turned.mp4'));
    const { display, displayMatrix } = await probe(input, ffmpeg);
    expect([display, displayMatrix]).toEqual([{ width: 32, height: 64 }, true]);
    const frames = { display, rectangles: [{ x: 8, y: 16, width: 16, height: 32 }] };
    await drawn({ input, output: at('framed.mp4'), ffmpeg }, { cues: [], frames });
    expect((await probe(parseSource(at('framed.mp4')), ffmpeg)).displayMatrix).toBeUndefined();
    const pixels = rgbFrame(at('framed.mp4'), 2);
    const lit = (x: number, y: number) => (pixels[3 * (64 * y + x)] ?? 0) > 90;
    // Of 64×64 again: 32 columns are shown from 64.
    expect([lit(16, 32), lit(47, 32), lit(32, 16), lit(32, 47)]).toEqual([true, true, true, true]);
    expect([lit(32, 32), lit(8, 32), lit(56, 32), lit(32, 8)]).toEqual([false, false, false, false]);
  });
});

test.each<[string, Partial<AnnotateTarget>, RegExp]>([
  ['a camera', { input: parseSource('rtsp://u:geheim@cam/1') }, /only a video file/],
  ['a picture', { input: parseSource(makePicture(at('p.png'), '8x8', 'red')) }, /only a video file.*--csv/],
  ['itself', { output: input }, /another file than the source/],
  ['no extension', { output: at('x') }, /must have an extension/],
  ['a picture of one', { output: at('x.png') }, /must have an extension/],
  ['no folder', { output: at('nowhere/x.mp4') }, /folder .* must be there, but .*nowhere is not: make it/],
  ['a file for a folder', { output: join(input, 'x.mp4') }, /must be there/],
  ['a folder for a file', { output: at('folder.mp4') }, /must be a file, but is a folder/],
  ['no libass', { ffmpeg: { ...ffmpeg, filters: new Set<string>() } }, /filter ass \(libass\)/],
])('refused: %s', async (_, options, message) => {
  mkdirSync(at('folder.mp4'), { recursive: true });
  const target = { input: parseSource(input), output: at('x.mp4'), ffmpeg, ...options };
  await expect(annotatable(target)).rejects.toThrow(message);
  expect(existsSync(at('x.mp4'))).toBe(false);
});

test.skipIf(process.getuid?.() === 0)('refused: a folder that may not be written to (not as root)', async () => {
  mkdirSync(at('shut'));
  chmodSync(at('shut'), 0o500);
  const target = { input: parseSource(input), output: at('shut/x.mp4'), ffmpeg };
  await expect(annotatable(target)).rejects.toThrow(/must be writable/);
});

test('times are hours, minutes, seconds and hundredths, carried over', () => {
  expect(subtitles([{ fromSeconds: 59.996, toSeconds: 3661.234, text: 'x' }])).toContain(
    'Dialogue: 0,0:01:00.00,1:01:01.23,Default,x\n',
  );
});
